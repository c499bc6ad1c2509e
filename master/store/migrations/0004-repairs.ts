import type { Kysely } from 'kysely'

/** How fast drift was put right, and what is known of the time before it was heard of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('repairs')
    .addColumn('hour_at', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('within_ms', 'bigint', (c) => c.notNull())
    .addColumn('repairs', 'bigint', (c) => c.notNull())
    .addColumn('ms', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('repairs_key', ['hour_at', 'type', 'within_ms'])
    .execute()
  await db.schema.alterTable('runs').addColumn('evidence', 'text').execute()
}

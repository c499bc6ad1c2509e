import type { Kysely } from 'kysely'

/** Resources that a host leaves alone, and those that it puts right again and again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pauses')
    .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('stays', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('pauses_key', ['host_id', 'resource'])
    .execute()
  await db.schema
    .createTable('contested')
    .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('known', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('contested_key', ['host_id', 'resource'])
    .execute()
}

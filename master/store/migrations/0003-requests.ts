import type { Kysely } from 'kysely'

/** Who asked for runs, for when their reports are there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('requests')
    .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
    .addColumn('request_id', 'text', (c) => c.notNull())
    .addColumn('requested_by', 'text', (c) => c.notNull())
    .addColumn('requested_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('requests_key', ['host_id', 'request_id'])
    .execute()
  await db.schema.createIndex('requests_requested_at').on('requests').columns(['requested_at']).execute()
}

import type { Kysely } from 'kysely'

/** What a host had before, for reports that come late. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('past_catalogs')
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('commit', 'text')
    .addColumn('replaced_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('past_catalogs_key', ['host', 'sha256'])
    .execute()
  await db.schema
    .createIndex('past_catalogs_replaced_at')
    .on('past_catalogs')
    .columns(['replaced_at'])
    .execute()
}

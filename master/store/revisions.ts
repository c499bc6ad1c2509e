import type { Db, RevisionRow } from './tables.ts'

const newest = (db: Db) => db.selectFrom('revisions').selectAll().orderBy('found_at', 'desc').limit(1)

export const reads = {
  newest: (db: Db) => newest(db).executeTakeFirst(),
  newestGood: (db: Db) => newest(db).where('status', '=', 'good').executeTakeFirst(),
  list: (db: Db, limit: number) => newest(db).clearLimit().limit(limit).execute(),
}

export const writes = {
  /** A commit that is found again is judged anew. */
  async record(db: Db, revision: RevisionRow): Promise<void> {
    const { commit: _, ...judged } = revision
    await db
      .insertInto('revisions')
      .values(revision)
      .onConflict((on) => on.column('commit').doUpdateSet(judged))
      .execute()
  },
}

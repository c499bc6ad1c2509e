import { sha256 } from '../../lib/sha256.ts'
import type { AuditRow, Db } from './tables.ts'

export type Entry = Pick<AuditRow, 'at' | 'actor' | 'method' | 'subject' | 'detail' | 'result'>

const NONE = ''

/** Covers all that a row says, and by the hash of the row before it all that came before. */
export function hashOf(previous: string, id: number, entry: Entry): string {
  const { at, actor, method, subject, detail, result } = entry
  const said = JSON.stringify([previous, id, at, actor, method, subject, detail, result])
  return sha256(said)
}

export const reads = {
  /** The newest first; `before` is the id of the last row of the page before. */
  list(db: Db, { since, before, limit }: { since: number; before?: number; limit: number }) {
    const rows = db.selectFrom('audit').selectAll().where('at', '>=', since).orderBy('id', 'desc')
    return (before === undefined ? rows : rows.where('id', '<', before)).limit(limit).execute()
  },

  /** Rows in the order in which they were written, for whoever verifies them. */
  after: (db: Db, { id, limit }: { id: number; limit: number }): Promise<AuditRow[]> =>
    db.selectFrom('audit').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute(),
}

export const writes = {
  /** Returns the row's id. */
  async append(db: Db, entry: Entry): Promise<number> {
    const last = await db
      .selectFrom('audit')
      .select(['id', 'hash'])
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    const [id, previous] = [(last?.id ?? 0) + 1, last?.hash ?? NONE]
    const row = { ...entry, id, previous_hash: previous, hash: hashOf(previous, id, entry) }
    await db.insertInto('audit').values(row).execute()
    return id
  },
}

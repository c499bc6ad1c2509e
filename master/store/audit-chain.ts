import { hashOf, reads } from './audit.ts'
import type { Db } from './tables.ts'

const ROWS = 1_000

/** What is wrong with the audit: a row that was changed, or that is missing between two others. */
export async function verifyChain(db: Db): Promise<string[]> {
  let before: { id: number; hash: string } | null = null
  for (;;) {
    const rows = await reads.after(db, { id: before?.id ?? 0, limit: ROWS })
    for (const row of rows) {
      if (row.hash !== hashOf(row.previous_hash, row.id, row)) return [`audit row ${row.id} was changed`]
      // The oldest rows are forgotten in time, so the first that is left is taken as it is.
      const follows = before === null || (row.id === before.id + 1 && row.previous_hash === before.hash)
      if (!follows) return [`audit rows are missing before row ${row.id}`]
      before = { id: row.id, hash: row.hash }
    }
    if (rows.length < ROWS) return []
  }
}

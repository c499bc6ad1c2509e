import { CompiledQuery } from 'kysely'
import type { ChangeRow, Db } from './tables.ts'

// A statement has at most 32,766 values on SQLite.
const ROWS_PER_STATEMENT = 200

const texts = new Map<string, string>()

/**
 * Inserts what one run changed. To build such a statement takes longer than to execute it, so its text is
 * built once for each number of rows.
 */
export async function insertChangeRows(db: Db, rows: readonly ChangeRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const some = rows.slice(from, from + ROWS_PER_STATEMENT)
    const columns = Object.keys(some[0] ?? {}) as (keyof ChangeRow)[]
    const key = `${some.length} ${columns.join(' ')}`
    const text = texts.get(key) ?? db.insertInto('changes').values(some).compile().sql
    texts.set(key, text)
    const values = some.flatMap((row) => columns.map((column) => row[column]))
    await db.executeQuery(CompiledQuery.raw(text, values))
  }
}

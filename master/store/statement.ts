import { type Compilable, CompiledQuery, type QueryResult } from 'kysely'
import type { Db } from './tables.ts'

/** Stands in a statement that is being built for a value that each execution brings. */
class Place {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

type Built = { readonly sql: string; readonly parameters: readonly unknown[] }

/**
 * Texts of statements that differ in their values alone, by a key. To build one takes longer than to execute it, and
 * what hosts report comes by the thousand each second.
 */
class Texts {
  // What is built for one connection holds for all of its kind of database.
  readonly #built = new WeakMap<object, Map<string, Built>>()

  execute<R>(
    db: Db,
    key: string,
    values: readonly unknown[],
    build: (places: readonly Place[]) => Compilable<R>,
  ) {
    const { adapter } = db.getExecutor()
    const known = this.#built.get(adapter) ?? new Map<string, Built>()
    this.#built.set(adapter, known)
    const { sql, parameters } = known.get(key) ?? build(values.map((_, index) => new Place(index))).compile()
    if (!known.has(key)) known.set(key, { sql, parameters })
    const given = parameters.map((value) => (value instanceof Place ? values[value.index] : value))
    return db.executeQuery<R>(CompiledQuery.raw(sql, given))
  }
}

/**
 * A statement that is built once, or once for each choice of names among its values. `build` passes each value on
 * without looking at it.
 */
export function statement<V extends object, R>(
  build: (db: Db, values: V) => Compilable<R>,
): (db: Db, values: V) => Promise<QueryResult<R>> {
  const texts = new Texts()
  return (db, values) => {
    const names = Object.keys(values)
    return texts.execute(db, names.join(' '), Object.values(values), (places) =>
      build(db, Object.fromEntries(names.map((name, i) => [name, places[i]])) as V),
    )
  }
}

// A statement has at most 32,766 values on SQLite.
const ROWS_PER_STATEMENT = 200

/** As `statement`, for rows that all have the same names. Returns how many were inserted or updated. */
export function insertion<Row extends object>(
  build: (db: Db, rows: readonly Row[]) => Compilable,
): (db: Db, rows: readonly Row[]) => Promise<bigint> {
  const texts = new Texts()
  return async (db, rows) => {
    let count = 0n
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
      const some = rows.slice(from, from + ROWS_PER_STATEMENT)
      const names = Object.keys(some[0] ?? {}) as (keyof Row & string)[]
      const key = `${some.length} ${names.join(' ')}`
      const values = some.flatMap((row) => names.map((name) => row[name]))
      const { numAffectedRows } = await texts.execute(db, key, values, (places) => {
        const rowAt = (row: number) => names.map((name, i) => [name, places[row * names.length + i]] as const)
        return build(
          db,
          some.map((_, row) => Object.fromEntries(rowAt(row)) as Row),
        )
      })
      count += numAffectedRows ?? 0n
    }
    return count
  }
}

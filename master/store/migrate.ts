import { type Migration, Migrator, sql } from 'kysely'
import { Failure } from '../../lib/failure.ts'
import * as first from './migrations/0001-hosts-and-runs.ts'
import * as second from './migrations/0002-past-catalogs.ts'
import * as third from './migrations/0003-requests.ts'
import * as fourth from './migrations/0004-repairs.ts'
import * as fifth from './migrations/0005-pauses-and-fights.ts'
import type { Db } from './tables.ts'

/** In order. One that was released is never changed again. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-hosts-and-runs': first,
  '0002-past-catalogs': second,
  '0003-requests': third,
  '0004-repairs': fourth,
  '0005-pauses-and-fights': fifth,
}

/** The names of all that were done to a database, in order; `null` for one that is not drover's, or is new. */
export async function migrated(db: Db): Promise<string[] | null> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return null
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Refuses what a newer drover has made: it may mean what this one can't know. */
export function assertKnown(
  path: string,
  done: readonly string[],
  known: Readonly<Record<string, Migration>>,
): void {
  const newer = done.filter((name) => !(name in known))
  if (newer.length === 0) return
  throw new Failure('conflict', `the database was made by a newer drover: it has ${newer.join(', ')}`, {
    about: path,
    hint: `start that version again; or, to lose what came since, restore "${beforeName(path, newer[0] ?? '')}", the copy that it made before`,
  })
}

/** Where the copy is kept that is made before a migration. */
export const beforeName = (path: string, migration: string) => `${path}.before-${migration}`

/** Makes the schema what this version needs. The caller has begun a transaction. */
export async function migrate(db: Db, known: Readonly<Record<string, Migration>>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

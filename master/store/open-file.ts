import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Migration } from 'kysely'
import { Failure } from '../../lib/failure.ts'
import { assertKnown, beforeName, migrate, migrated } from './migrate.ts'
import { sizeOf } from './sizes.ts'
import { type Connection, connect, copyDurably, damaged, explained } from './sqlite.ts'

/**
 * Opens the one database file to write: looks whether it is whole, refuses what a newer drover made, and brings an
 * older one up to date, of which a copy is kept. A kill at any point leaves the old schema or the new one.
 */
export async function openFile(
  path: string,
  known: Readonly<Record<string, Migration>>,
): Promise<Connection> {
  assertLocal(path, statfsSync(dirname(path)).type)
  const isNew = sizeOf(path) === 0
  const connection = connect(path, 'write')
  try {
    if (!isNew) assertWhole(path, connection)
    const done = await assertOurs(path, connection, known)
    const [next] = Object.keys(known).filter((name) => !done.includes(name))
    if (next === undefined) return connection
    if (done.length > 0) copyDurably(connection, beforeName(path, next))
    connection.begin()
    await migrate(connection.db, known)
    connection.commit()
    return connection
  } catch (error) {
    connection.rollback()
    connection.close()
    throw explained(path, error)
  }
}

function assertWhole(path: string, connection: Connection): void {
  const problems = connection.problems(true)
  if (problems.length > 0) throw damaged(path, problems)
}

/** Returns the migrations that it has had. */
async function assertOurs(
  path: string,
  { db }: Connection,
  known: Readonly<Record<string, Migration>>,
): Promise<string[]> {
  const done = await migrated(db)
  if (done !== null) {
    assertKnown(path, done, known)
    return done
  }
  const tables = await db.introspection.getTables()
  if (tables.length === 0) return []
  const [first] = tables
  const hint = 'give the master a state directory of its own'
  throw new Failure('conflict', `the file is some other database: it has a table "${first?.name}"`, {
    about: path,
    hint,
  })
}

// Their locks do not reach other machines, or get lost: SQLite's own documents say that a database breaks there.
const NETWORKS = new Map([
  [0x6969, 'NFS'],
  [0x01021997, '9p'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'SMB'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
])

/** Refuses a file system that other machines share. `type` is what statfs says of it. */
export function assertLocal(path: string, type: number): void {
  const network = NETWORKS.get(type)
  if (network === undefined) return
  throw new Failure('unavailable', `a database can't be kept safely on ${network}`, {
    about: path,
    hint: 'keep the state directory on a local disk',
  })
}

import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../lib/failure.ts'
import { verifyChain } from './audit-chain.ts'
import { sha256OfFile } from './checksum.ts'
import { assertKnown, migrated, migrations } from './migrate.ts'
import { type Connection, connect, explained, syncFile } from './sqlite.ts'
import { STORE_FILE } from './store.ts'

/** What a copy holds, for whoever restores it to see that it is the right one. */
export type Restored = {
  readonly path: string
  readonly hosts: number
  readonly runs: number
  /** When the newest report in it was received; `null`: there is none. */
  readonly newestAt: number | null
}

/**
 * Puts a copy of a store into a state directory that has none. The copy is checked as a whole, and against
 * `FILE.sha256` where there is one; until it has passed there is no store.
 */
export async function restoreStore(file: string, stateDir: string): Promise<Restored> {
  const path = join(stateDir, STORE_FILE)
  const there = [path, `${path}-wal`, `${path}-shm`].find((one) => existsSync(one))
  if (there !== undefined) {
    const hint = 'stop the master, and move its database away with the -wal and -shm files beside it'
    throw new Failure('conflict', 'there is a store in this directory already', { about: there, hint })
  }
  if (!existsSync(file)) throw new Failure('not-found', 'no such file', { about: file })
  await assertSum(file)
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const fresh = `${path}.restoring`
  try {
    copyFileSync(file, fresh)
    const held = await look(file, fresh)
    syncFile(fresh)
    renameSync(fresh, path)
    syncFile(stateDir)
    return { path, ...held }
  } finally {
    rmSync(fresh, { force: true })
  }
}

/** As `sha256sum` writes it. */
async function assertSum(file: string): Promise<void> {
  const sums = `${file}.sha256`
  if (!existsSync(sums)) return
  const [expected] = readFileSync(sums, 'utf8').trim().split(/\s+/)
  if ((await sha256OfFile(file)) === expected) return
  const hint = 'take another copy; this one was changed or cut short after it was made'
  throw new Failure('invalid', `the file is not the one that "${sums}" names`, { about: file, hint })
}

async function look(file: string, copy: string): Promise<Omit<Restored, 'path'>> {
  let connection: Connection | null = null
  try {
    connection = connect(copy, 'copy')
    const problems = connection.problems(false)
    const done = await migrated(connection.db)
    if (done === null) problems.push('it is no store of drover')
    else assertKnown(file, done, migrations)
    if (problems.length === 0) problems.push(...(await verifyChain(connection.db)))
    if (problems.length > 0) throw unfit(file, problems)
    return await count(connection)
  } catch (error) {
    if (error instanceof Failure) throw error
    const told = explained(file, error)
    throw told instanceof Failure ? unfit(file, [told.message]) : told
  } finally {
    connection?.close()
  }
}

async function count({ db }: Connection): Promise<Omit<Restored, 'path'>> {
  const all = await Promise.all([
    db
      .selectFrom('hosts')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('runs')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('runs')
      .select((eb) => eb.fn.max('received_at').as('at'))
      .executeTakeFirstOrThrow(),
  ])
  const [hosts, runs, newest] = all
  return { hosts: hosts.rows, runs: runs.rows, newestAt: newest.at }
}

const unfit = (file: string, problems: readonly string[]) =>
  new Failure('invalid', `the copy can't be used: ${problems.slice(0, 3).join('; ')}`, {
    about: file,
    hint: 'take another copy; nothing was restored',
  })

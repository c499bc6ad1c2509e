import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { MAX_WAL_BYTES } from '../../lib/limits.ts'
import { sizeOf } from './sizes.ts'
import type { Tables } from './tables.ts'

/** All that is SQLite's own. No other file of the store knows which database it is. */

/** The type of a column that holds bytes. */
export const BYTES = sql`blob`

/** What every connection is set to, and asserts. */
const SETTINGS = {
  journal_mode: 'wal',
  // FULL. The library's default loses the last commits in a power cut.
  synchronous: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  busy_timeout: 5000,
  wal_autocheckpoint: 1000,
  // In KiB when negative. The hashes that content is found by are spread over the whole index.
  cache_size: -65_536,
} as const

/** `keep`: reads, and copies to another file. `copy`: looks at a file that nobody else uses, and leaves it as it is. */
export type Use = 'write' | 'read' | 'keep' | 'copy'

/** One connection. All of it is synchronous but for what `db` returns, which is ready at once. */
export interface Connection {
  readonly db: Kysely<Tables>
  begin(): void
  commit(): void
  /** Ends the transaction without effect, if there is still one. */
  rollback(): void
  savepoint(): void
  release(): void
  rollbackToSavepoint(): void
  /** Whether the database itself has ended the transaction, as it does when the disk is full. */
  readonly inTransaction: boolean
  /** Writes all of the log back into the database and empties it, unless a reader is in the way. */
  emptyLog(): boolean
  /** Bytes of the log. */
  logBytes(): number
  /** Copies all to a new file, as of now. */
  copyTo(path: string): void
  /** What is wrong with the file, in SQLite's words. `quick` leaves out what takes long. */
  problems(quick: boolean): string[]
  close(): void
}

// A bundle has the native part beside it; otherwise the library finds its own.
const beside = fileURLToPath(new URL('./better_sqlite3.node', import.meta.url))

/** Opens a database file, which is made when it is not there and may be written. Its folder must be there. */
export function connect(path: string, use: Use): Connection {
  if (use === 'write') makeFile(path)
  const sqlite = open(path, use)
  const cache = new Map<string, SqliteStatement>()
  const prepare = (text: string): SqliteStatement => {
    const known = cache.get(text)
    if (known !== undefined) return known
    // Lists of other lengths are other statements, so the cache is bounded.
    if (cache.size >= MAX_STATEMENTS) cache.clear()
    const statement = sqlite.prepare<unknown[]>(text)
    cache.set(text, statement as unknown as SqliteStatement)
    return statement as unknown as SqliteStatement
  }
  const run = (text: string) => {
    prepare(text).run([])
  }
  return {
    db: new Kysely<Tables>({
      dialect: new SqliteDialect({ database: { prepare, close: () => sqlite.close() } }),
    }),
    begin: () => run(use === 'write' ? 'begin immediate' : 'begin'),
    commit: () => run('commit'),
    rollback: () => {
      if (sqlite.inTransaction) run('rollback')
    },
    savepoint: () => run('savepoint job'),
    release: () => run('release job'),
    rollbackToSavepoint: () => run('rollback to job'),
    get inTransaction() {
      return sqlite.inTransaction
    },
    emptyLog() {
      // A reader is not waited for: who writes would wait too.
      sqlite.pragma('busy_timeout = 0')
      const [{ busy } = { busy: 1 }] = sqlite.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      sqlite.pragma(`busy_timeout = ${SETTINGS.busy_timeout}`)
      return busy === 0
    },
    logBytes: () => sizeOf(`${path}-wal`),
    copyTo: (to) => sqlite.prepare('vacuum into ?').run(to),
    problems(quick) {
      const found = sqlite.pragma(quick ? 'quick_check(20)' : 'integrity_check(100)', {}) as object[]
      const broken = quick ? [] : (sqlite.pragma('foreign_key_check') as object[]).slice(0, 20)
      return [
        ...(use === 'copy' ? cutShort(sqlite, path) : []),
        ...found.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok'),
        ...broken.map((row) => `refers to what is not there: ${JSON.stringify(row)}`),
      ]
    },
    close: () => sqlite.close(),
  }
}

/** SQLite reads a last page that is cut short as if zeros stood there, and calls the file whole. */
function cutShort(sqlite: Database.Database, path: string): string[] {
  const pages = Number(sqlite.pragma('page_count', { simple: true }))
  const bytes = pages * Number(sqlite.pragma('page_size', { simple: true }))
  const there = sizeOf(path)
  return there === bytes ? [] : [`it has ${there} bytes, and should have ${bytes}`]
}

const MAX_STATEMENTS = 500

/** SQLite gives its other files the mode of this one. */
function makeFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

function open(path: string, use: Use): Database.Database {
  const native = existsSync(beside) ? { nativeBinding: beside } : {}
  try {
    const sqlite = new Database(path, { fileMustExist: true, readonly: use === 'copy', ...native })
    if (use === 'copy') return sqlite
    for (const [name, value] of Object.entries(SETTINGS)) set(sqlite, path, name, value)
    if (use === 'read') set(sqlite, path, 'query_only', 1)
    return sqlite
  } catch (error) {
    throw explained(path, error)
  }
}

function set(sqlite: Database.Database, path: string, name: string, value: string | number): void {
  sqlite.pragma(`${name} = ${value}`)
  const now = sqlite.pragma(name, { simple: true })
  if (now === value) return
  throw new Failure('unavailable', `SQLite does not take ${name} = ${value}: it is ${String(now)}`, {
    about: path,
    hint: 'keep the state directory on a local disk',
  })
}

/** What SQLite says, with what to do about it. */
export function explained(path: string, error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  const [about, cause] = [path, error]
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, [reasonOf(error)])
  if (code === 'SQLITE_FULL') {
    const hint = 'make room on its disk; nothing that was acknowledged is lost'
    return new Failure('unavailable', 'there is no room left for the database', { about, cause, hint })
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_READONLY') {
    const hint = 'look at its disk, its owner and its mode'
    return new Failure('unavailable', `the database can't be used: ${reasonOf(error)}`, {
      about,
      cause,
      hint,
    })
  }
  return error
}

export function damaged(path: string, problems: readonly string[]): Failure {
  return new Failure('internal', `the database is damaged: ${problems.slice(0, 3).join('; ')}`, {
    about: path,
    hint: 'move it away with its -wal and -shm files, look at the disk, and restore the last backup: "drover restore FILE"',
  })
}

/** A file's whole content is on disk under its name, or there is no such name. */
export function copyDurably(connection: Connection, to: string): void {
  const fresh = `${to}.new`
  rmSync(fresh, { force: true })
  closeSync(openSync(fresh, 'wx', 0o600))
  connection.copyTo(fresh)
  syncFile(fresh)
  renameSync(fresh, to)
  syncFile(dirname(to))
}

export function syncFile(path: string): void {
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

export const isLogLarge = (connection: Connection) => connection.logBytes() > MAX_WAL_BYTES

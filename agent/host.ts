import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Argv, Ended, Host, Key, Stat } from '../lib/host.ts'
import { MAX_TEXT_BYTES } from '../lib/limits.ts'
import { sha256 } from '../lib/sha256.ts'
import { type Accounts, accountsReader } from './accounts.ts'
import { readAptIndex } from './apt-index.ts'
import { candidatesReader } from './candidates.ts'
import { dpkgReader } from './dpkg.ts'
import { describe, run1 } from './exec.ts'
import { lstat } from './lstat.ts'
import { ask, isQuery } from './queries.ts'
import { unitsReader } from './units.ts'

/** A host that can be asked, and told to forget what may have changed. */
export interface LiveHost extends Host {
  /** Files are looked at anew each time; units, accounts, packages and what a command said are kept until then. */
  forget(): void
  accounts(): Accounts
}

/** This machine, read-only. Readings outlive a run where they can be told apart from stale ones. */
export function openHost(stateDir: string): LiveHost {
  const accounts = keeper(accountsReader())
  const packages = keeper(dpkgReader())
  const units = unitsReader()
  const digests = digestReader()
  const answers = new Map<string, Promise<Ended>>()

  return {
    accounts: accounts.get,
    forget() {
      digests.forget()
      accounts.forget()
      packages.forget()
      units.forget()
      answers.clear()
    },
    async stat(path) {
      const stats = lstat(path)
      digests.seen(path, stats)
      return stats && statOf(path, stats, accounts.get())
    },
    sha256: async (path) => digests.of(path),
    async text(path) {
      const bytes = readRegular(path, MAX_TEXT_BYTES)
      return bytes === null ? null : bytes.toString('utf8')
    },
    async list(path) {
      try {
        return readdirSync(path).sort()
      } catch (error) {
        if (isAbsence(error)) return null
        throw error
      }
    },
    package: async (name) => packages.get().get(name) ?? null,
    aptIndex: async () => readAptIndex(),
    candidate: candidatesReader(packages.get, ask),
    unit: (name) => units.unit(name),
    user: async (name) => accounts.get().users.get(name) ?? null,
    group: async (name) => accounts.get().groups.get(name) ?? null,
    userOf: async (uid) => accounts.get().userOf.get(uid) ?? null,
    groupOf: async (gid) => accounts.get().groupOf.get(gid) ?? null,
    groups: async () => [...accounts.get().groups.values()],
    query(argv: Argv, _keys: readonly Key[]) {
      if (!isQuery(argv)) throw new Error(`"${argv.join(' ')}" is not in agent/queries.ts`)
      const key = argv.join('\0')
      const known = answers.get(key) ?? ask(argv)
      answers.set(key, known)
      return known
    },
    async probe(argv, { user, cwd, env, timeoutMs }) {
      const as = user === null ? null : accounts.get().users.get(user)
      if (as === undefined) return unknownUser(argv, user)
      const ended = await run1(argv, { timeoutMs, cwd, env, user: as })
      if (ended.timedOut) throw new Failure('timeout', describe(ended))
      return ended
    },
    stamp: async (hash) => lstat(join(stateDir, 'stamps', hash)) !== null,
  }
}

/** Asks once, and again when told to forget: for each of a thousand files it would be the costliest part. */
function keeper<T>(read: () => T): { get(): T; forget(): void } {
  let kept: { value: T } | null = null
  return {
    get: () => {
      kept ??= { value: read() }
      return kept.value
    },
    forget: () => {
      kept = null
    },
  }
}

function unknownUser(argv: Argv, user: string | null): Ended {
  const stderr = `user "${user}" is unknown`
  return { argv, code: 127, signal: null, stdout: '', stderr, ms: 0, timedOut: false, missing: true }
}

const isAbsence = (error: unknown) =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

function statOf(path: string, stats: Stats, { userOf, groupOf }: Accounts): Stat {
  return {
    kind: kindOf(stats),
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: userOf.get(stats.uid) ?? String(stats.uid),
    group: groupOf.get(stats.gid) ?? String(stats.gid),
    bytes: stats.size,
    links: stats.nlink,
    target: stats.isSymbolicLink() ? readlinkSync(path) : null,
  }
}

function kindOf(stats: Stats): Stat['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isFIFO()) return 'fifo'
  return stats.isSocket() ? 'socket' : 'device'
}

/** Opens nothing but a regular file: a FIFO would wait for ever, a link would lead elsewhere. */
function openRegular(path: string): { fd: number; stats: Stats } | null {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
  const stats = fstatSync(fd)
  if (stats.isFile()) return { fd, stats }
  closeSync(fd)
  throw new Failure('conflict', `${path} is no regular file but a ${kindOf(stats)}`, { about: path })
}

// Files in /proc say that they are empty; the longest that is read is a list of mounts.
const MAX_KERNEL_BYTES = 1024 * 1024

/** The bytes of a regular file, `null` when it is not there. */
export function readRegular(path: string, maxBytes: number): Buffer | null {
  const opened = openRegular(path)
  if (opened === null) return null
  const { fd, stats } = opened
  try {
    if (stats.size > maxBytes) {
      throw new Failure(
        'invalid',
        `${path} has ${stats.size} bytes, more than the ${maxBytes} that are read`,
        { about: path },
      )
    }
    const bytes = Buffer.allocUnsafe(stats.size === 0 ? MAX_KERNEL_BYTES : stats.size)
    let length = 0
    for (let n = -1; n !== 0 && length < bytes.length; length += n)
      n = readSync(fd, bytes, length, bytes.length - length, length)
    return bytes.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}

// Two writes within one tick of the kernel's clock carry the same time; a digest that young is not kept.
const TICK_MS = 50
const CHUNK_BYTES = 1024 * 1024

/** Hashes a file again only when its inode, size or times are others than before. */
function digestReader() {
  const known = new Map<string, { signature: string; digest: string }>()
  // Whoever asks for a digest has nearly always looked at the file just before.
  let last: { path: string; stats: Stats | null } | null = null

  const of = (path: string): string => {
    const kept = known.get(path)
    const before = kept && (last?.path === path ? last.stats : lstat(path))
    if (before && kept.signature === signatureOf(before)) return kept.digest
    const opened = openRegular(path)
    if (opened === null) throw new Failure('not-found', `${path} is not there`, { about: path })
    const { fd, stats } = opened
    try {
      const digest = hashOf(fd, stats.size)
      if (Date.now() - stats.ctimeMs > TICK_MS) known.set(path, { signature: signatureOf(stats), digest })
      else known.delete(path)
      return digest
    } finally {
      closeSync(fd)
    }
  }
  return {
    of,
    seen(path: string, stats: Stats | null) {
      last = { path, stats }
    },
    forget() {
      last = null
    },
  }
}

const signatureOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats) =>
  `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`

let chunk: Buffer | null = null

/** Of most files one reading holds all; it asks for a byte more than there should be, to see the end. */
function hashOf(fd: number, bytes: number): string {
  chunk ??= Buffer.allocUnsafe(CHUNK_BYTES)
  const first = readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, bytes + 1), 0)
  if (first === bytes && bytes < CHUNK_BYTES) return sha256(chunk.subarray(0, first))
  const digest = createHash('sha256')
  for (let at = 0, n = first; n > 0; n = readSync(fd, chunk, 0, CHUNK_BYTES, at)) {
    digest.update(chunk.subarray(0, n))
    at += n
  }
  return digest.digest('hex')
}

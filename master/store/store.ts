import { MAX_WAL_BYTES } from '../../lib/limits.ts'
import { type CalledGroups, groups } from './groups.ts'
import { Reader } from './reader.ts'
import { KEEP, type Keep } from './retention.ts'
import { sizeOf } from './sizes.ts'
import { Thread } from './thread.ts'

/** How much there is on disk. */
export type Size = {
  readonly databaseBytes: number
  readonly logBytes: number
  /** Some reader has kept the log from being written back for too long. */
  readonly isLogTooLarge: boolean
}

export type Checked = { readonly at: number; readonly problems: readonly string[] }

export type Copy = { readonly bytes: number; readonly sha256: string }

/**
 * What the master keeps on disk.
 *
 * Every change is on disk when its promise is fulfilled. All changes that come within the same few milliseconds share
 * one fsync, and one that fails leaves the others alone. A read sees all that was fulfilled before it was called, and
 * is Failure('timeout') when it takes too long.
 */
export interface Store extends CalledGroups {
  /** A copy as of now, checked, while the store goes on; `to` must not exist. */
  backup(to: string): Promise<Copy>
  /** What is wrong with what is on disk, in sentences; empty when nothing is. It reads all of it. */
  integrity(): Promise<string[]>
  /** What `integrity` found last; the store sees to it once a day. Waits only where there was none since the start. */
  lastCheck(): Promise<Checked>
  size(): Size
  /** Forgets what is older than it has to be. The store does it by itself once an hour. */
  retain(): Promise<{ readonly rows: number }>
  /** Fulfilled when the store has ended, by `close` or because it can't go on. Nothing can be stored after. */
  readonly ended: Promise<void>
  /** All changes that were called before are on disk when it is done. */
  close(): Promise<void>
}

/** Its name in the state directory of a master. */
export const STORE_FILE = 'master.db'

const RETAIN_EVERY_MS = 3_600_000
const CHECK_EVERY_MS = 24 * RETAIN_EVERY_MS

/** Opens the store, which is made or brought up to date when it has to be. Its folder must be there. */
export async function openStore(path: string, now: () => number, keep: Keep = KEEP): Promise<Store> {
  const writer = await Thread.start('write', path)
  const reader = await Reader.start(path)
  const retain = async () => {
    for (let rows = 0; ; ) {
      const forgotten = (await writer.call('retention', 'forget', [{ now: now(), keep }])) as number
      if (forgotten === 0) return { rows }
      rows += forgotten
    }
  }
  // It is tried again an hour later; what stops the store says so by itself.
  const timer = setInterval(() => retain().catch(() => {}), RETAIN_EVERY_MS)
  timer.unref()
  let last: Checked | null = null
  let checking: Promise<string[]> | null = null
  // All of the database is read, so that who asks meanwhile waits for the same.
  const integrity = () => {
    checking ??= (kept(path, 'integrity', []) as Promise<string[]>)
      .then((problems) => {
        last = { at: now(), problems }
        return problems
      })
      .finally(() => {
        checking = null
      })
    return checking
  }
  const daily = setInterval(() => integrity().catch(() => {}), CHECK_EVERY_MS)
  daily.unref()
  return {
    ...called(reader, writer),
    backup: (to) => kept(path, 'backup', [to]) as Promise<Copy>,
    integrity,
    async lastCheck() {
      if (last === null) await integrity()
      return last as unknown as Checked
    },
    size() {
      const logBytes = sizeOf(`${path}-wal`)
      return { databaseBytes: sizeOf(path), logBytes, isLogTooLarge: logBytes > MAX_WAL_BYTES }
    },
    retain,
    ended: writer.ended,
    async close() {
      clearInterval(timer)
      clearInterval(daily)
      await reader.close()
      await writer.close()
    },
  }
}

/** What takes long has a thread while it lasts. */
async function kept(path: string, name: string, args: unknown[]): Promise<unknown> {
  const thread = await Thread.start('keep', path)
  try {
    return await thread.call('keep', name, args)
  } finally {
    await thread.close()
  }
}

type Side = { call(noun: string, name: string, args: unknown[]): Promise<unknown> }

/** Each function of `groups`, which calls the thread that has the database. */
function called(reader: Side, writer: Side): CalledGroups {
  const nouns = Object.entries(groups).map(([noun, { reads, writes }]) => {
    const over = (side: Side, names: object) =>
      Object.keys(names).map((name) => [name, (...args: unknown[]) => side.call(noun, name, args)])
    return [noun, Object.fromEntries([...over(reader, reads), ...over(writer, writes)])]
  })
  return Object.fromEntries(nouns) as CalledGroups
}

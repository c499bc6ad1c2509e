import type { CalledGroups } from './groups.ts'

/** How much there is on disk. */
export type Size = {
  readonly databaseBytes: number
  /** Above `MAX_WAL_BYTES` some reader keeps it from being written back. */
  readonly walBytes: number
}

/** How long what is kept no more was kept, in milliseconds. */
export type Keep = {
  /** Bodies of reports. */
  readonly bodiesMs: number
  /** Runs, changes and drift that is settled. */
  readonly changesMs: number
  readonly auditMs: number
  readonly plansMs: number
  readonly factsMs: number
}

/**
 * What the master keeps on disk.
 *
 * Every change is on disk when its promise is fulfilled. All changes that come within the same few milliseconds share
 * one fsync, and one that fails leaves the others alone. A read sees all that was fulfilled before it was called, and
 * is Failure('timeout') when it takes too long.
 */
export interface Store extends CalledGroups {
  /** A copy as of now, checked, while the store goes on; `to` must not exist. */
  backup(to: string): Promise<{ readonly bytes: number; readonly sha256: string }>
  /** What is wrong with what is on disk, in sentences; empty when nothing is. It reads all of it. */
  integrity(): Promise<string[]>
  size(): Promise<Size>
  /** Forgets what is older than it has to be. The store does it by itself once an hour. */
  retain(): Promise<{ readonly rows: number }>
  /** All changes that were called before are on disk when it is done. */
  close(): Promise<void>
}

export async function openStore(_path: string, _now: () => number, _keep?: Keep): Promise<Store> {
  throw new Error('not built yet')
}

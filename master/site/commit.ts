import { spawnSync } from 'node:child_process'

/** What of a site is read, so that what lies beside it does not matter. */
const PLACES = ['drover.yaml', 'hosts.yaml', 'hosts', 'roles', 'data', 'secrets']
const GIT_TIMEOUT_MS = 10_000
const MAX_STATUS_BYTES = 16 * 1024 * 1024

export type WorkTree = {
  readonly head: string
  /** The site holds what `head` holds. */
  readonly clean: boolean
}

/**
 * The git work tree that a site is in, `null` where there is none, or nothing in it is committed yet.
 *
 * What git ignores is read all the same, so a site that holds such a file is not clean. Starts git, which takes longer
 * than most sites take to compile; git writes nothing.
 */
export function workTreeOf(dir: string): WorkTree | null {
  const how = ['--porcelain=v2', '--branch', '--untracked-files=normal', '--ignored', '--no-renames']
  // The settings of a repository may name a program to ask for changes, and none of them is ours to start.
  const argv = ['-C', dir, '-c', 'core.fsmonitor=false', 'status', ...how, '--', ...PLACES]
  const { status, stdout } = spawnSync('git', argv, {
    encoding: 'utf8',
    timeout: GIT_TIMEOUT_MS,
    maxBuffer: MAX_STATUS_BYTES,
    // Variables such as GIT_DIR, which a hook has, would name another repository.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
  })
  const head = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(stdout ?? '')?.[1]
  return status !== 0 || head === undefined ? null : { head, clean: !/^[^#]/m.test(stdout) }
}

/** The commit that holds all that a site says; `null` when there is none, as while it is being edited. */
export function commitOf(dir: string): string | null {
  const tree = workTreeOf(dir)
  return tree?.clean ? tree.head : null
}

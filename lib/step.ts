import type { Argv, Key } from './host.ts'
import type { Secret } from './secret.ts'
import type { ResourceId } from './state.ts'

/** What a file is to hold: bytes that the catalog carries by hash, or text known here. */
export type Content = { readonly sha256: string } | { readonly text: string }

/**
 * One effect, as data. Only `agent/perform.ts` turns a step into a change on the
 * host, so a step that is not handed to it has no effect at all.
 */
export type Step =
  | WriteStep
  /** `mode`, `owner` and `group` left out: 0755, root, root. Parents must be there. */
  | {
      readonly do: 'mkdir'
      readonly path: string
      readonly mode: string
      readonly owner: string
      readonly group: string
    }
  /** A symbolic link, swapped in atomically. */
  | { readonly do: 'link'; readonly path: string; readonly target: string }
  | { readonly do: 'chmod'; readonly path: string; readonly mode: string }
  /** `null` leaves that half as it is. */
  | {
      readonly do: 'chown'
      readonly path: string
      readonly owner: string | null
      readonly group: string | null
    }
  /** Refuses a directory that is not empty unless `recursive`. */
  | { readonly do: 'remove'; readonly path: string; readonly recursive: boolean }
  /** Moves what is at a path to the quarantine, where it is kept for some time; of this resource. */
  | { readonly do: 'quarantine'; readonly path: string; readonly id: ResourceId }
  | RunStep
  | AptStep
  /** Remembers that a command with this hash was run. */
  | { readonly do: 'stamp'; readonly hash: string }

/** Replaces a file whole and atomically: a new inode, its mode and owner set before the rename. */
export type WriteStep = {
  readonly do: 'write'
  readonly path: string
  readonly content: Content
  /** `null`: as it is now, or 0644 for a new file. */
  readonly mode: string | null
  /** `null`: as it is now, or root. */
  readonly owner: string | null
  readonly group: string | null
  /**
   * A command that must exit 0. With a `%s` it is given the new file before it is swapped in; without, it runs
   * after the swap, and the old file is put back when it fails.
   */
  readonly validate: Argv | null
  /** What it has accepted at this path it is not asked about again when the same is put back. */
  readonly validateOnce?: boolean
  /** Where the old file is kept, `null` for nowhere. */
  readonly backup: string | null
  /** Accounts that have to be there besides, as in a run step, and units: `unit:nginx.service`. */
  readonly wants?: readonly Key[]
}

export type RunStep = {
  readonly do: 'run'
  /** One command, or several of which each feeds the next. Every one but the last must exit 0. */
  readonly pipe: readonly [Argv, ...Argv[]]
  readonly timeoutMs: number
  /** What may be different afterwards. */
  readonly touches: readonly Key[]
  /** Accounts that have to be there: `user:app`, `group:app`. A plan takes one that it makes itself for there. */
  readonly wants: readonly Key[]
  readonly cwd: string | null
  readonly env: Readonly<Record<string, string>>
  /** The user to run as, `null` for the agent's own. */
  readonly user: string | null
  readonly stdin: string | Secret | null
  /** In a cgroup of its own, so that its deadline ends what it left in the background too. */
  readonly scope: boolean
  /** How the last command may exit. */
  readonly exitCodes: readonly number[]
}

/** A command of drover's own choosing: as the agent, at the root, with nothing on its standard input. */
export function command(argv: Argv, timeoutMs: number, touches: readonly Key[]): RunStep {
  return {
    do: 'run',
    pipe: [argv],
    timeoutMs,
    touches,
    wants: [],
    cwd: null,
    env: {},
    user: null,
    stdin: null,
    scope: false,
    exitCodes: [0],
  }
}

/** One apt transaction. `transaction` is what apt's solver says it will do, in its own order. */
export type AptStep = {
  readonly do: 'apt'
  /** `name` or `name:arch`, either with `=version` or `/release`. */
  readonly install: readonly string[]
  readonly remove: readonly string[]
  /** Never together with `remove`: apt knows one of them for a whole transaction. */
  readonly purge: readonly string[]
  /** Marked as wanted for themselves, so that apt never calls them no longer needed. */
  readonly manual: readonly string[]
  readonly hold: readonly string[]
  /** Before anything else. What is in `hold` as well is held again at the end. */
  readonly unhold: readonly string[]
  /** Unpacked anew even in the same version: apt takes a package that is half unpacked for one that is there. */
  readonly reinstall: boolean
  /** `null`: as apt is set up on the host. */
  readonly recommends: boolean | null
  /** What the solver may remove beside `remove` and `purge`. */
  readonly mayRemove: readonly string[]
  readonly mayDowngrade: readonly string[]
  /** Removals in `mayRemove`, `remove` and `purge` may be of what a host cannot do without. */
  readonly mayRemoveProtected: boolean
  /** The index is fetched first; what apt would do is then not known before. */
  readonly refresh: boolean
  /** `null` when it can't be known before the index is fetched. */
  readonly transaction: readonly AptAction[] | null
  readonly timeoutMs: number
}

export type AptAction = {
  /** `configure` finishes a package that an interrupted dpkg left half done. */
  readonly action: 'install' | 'upgrade' | 'downgrade' | 'configure' | 'remove' | 'purge'
  /** With `:arch` where it is not the host's own. */
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

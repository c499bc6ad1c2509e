import type { GenericSchema } from 'valibot'
import type { Secret } from './secret.ts'

/** Names one resource everywhere: in catalogs, plans, reports and on the command line. */
export type ResourceId = `${string}:${string}`

/**
 * What a resource looks like on a host, as flat values that compare by `===` or member by
 * member. `null` in place of the record means the thing is not there. A field that
 * `desired` does not name is not compared: that is how a reading hands `steps` what it
 * needs, such as the text that an edit starts from.
 */
export type Fields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** One difference between what is declared (`to`) and what is there (`from`). */
export type Change = { readonly field: string; readonly from: unknown; readonly to: unknown }
export type Changes = ReadonlyMap<string, Change>

/** A program and its arguments. There is no shell anywhere. */
export type Argv = readonly [string, ...string[]]

/** What a file is to hold: bytes that the catalog carries by hash, or text known here. */
export type Content = { readonly sha256: string } | { readonly text: string }

/**
 * Names a part of the host that a state reads or a step may change:
 * `file:/etc/motd`, `unit:nginx.service`, `user:app`, `group:app`, `uid:1000`, `gid:1000`, `uid-of:app` and
 * `gid-of:app` for the number that an account has until it is renumbered or removed, `package:nginx`,
 * `stamp:HASH`, `disk:/etc/apt/*` for files that a program reads by itself; a trailing `*` stands for all that
 * begins so; `*` alone for everything.
 */
export type Key = string

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
  /** Where the old file is kept, `null` for nowhere. */
  readonly backup: string | null
  /** Accounts that have to be there besides, as in a run step. */
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

/** Of apt's lists of what can be installed. */
export type AptIndexReading = {
  /** Milliseconds since it was fetched. */
  readonly ageMs: number
  /** A source was changed since. */
  readonly outdated: boolean
}

/** What `lstat` says. */
export type Stat = {
  readonly kind: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'device'
  /** Four octal digits. */
  readonly mode: string
  /** A name, or the number in decimal where no name has it. */
  readonly owner: string
  readonly group: string
  readonly bytes: number
  readonly links: number
  /** Of a link. */
  readonly target: string | null
}

export type PackageReading = {
  readonly architecture: string
  /** The version that is installed, `null` when only conffiles are left. */
  readonly version: string | null
  readonly held: boolean
  /** dpkg's third word: `installed`, `half-configured`, `config-files`, … */
  readonly status: string
}

export type UserReading = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly comment: string
  readonly home: string
  readonly shell: string
  /** The hash in /etc/shadow, or what stands there in its place, such as `!` or `*`. */
  readonly password: string
  /** Days since 1970, `null` for never. */
  readonly expires: number | null
  /** Days that a password is kept at least and at most, warned of before, and accepted after; `null`: unset. */
  readonly ageing: {
    readonly min: number | null
    readonly max: number | null
    readonly warn: number | null
    readonly inactive: number | null
  }
}

export type GroupReading = {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** How a command ended. Output is bounded and kept from its end. */
export type Ended = {
  readonly argv: Argv
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
  readonly timedOut: boolean
  /** The program was not there to be run. */
  readonly missing: boolean
}

/** The read-only side of a host. Nothing here can change it. Readings are shared inside one run. */
export interface Host {
  /** Does not follow a link in the last component. `null`: nothing is there. */
  stat(path: string): Promise<Stat | null>
  /** Of a regular file; never opens anything else. */
  sha256(path: string): Promise<string>
  /** The text of a regular file of at most `MAX_TEXT_BYTES`; `null`: nothing is there. */
  text(path: string): Promise<string | null>
  /** Names in a directory, sorted; `null`: it is not there. */
  list(path: string): Promise<readonly string[] | null>
  /** From dpkg's status file; `name` or `name:arch`. `null`: dpkg has never heard of it. */
  package(name: string): Promise<PackageReading | null>
  /** `null`: there is none. */
  aptIndex(): Promise<AptIndexReading | null>
  /** The version of an installed package that apt would install now, from `release` if it can. */
  candidate(name: string, release: string | null): Promise<string | null>
  /** Properties of a unit by `systemctl show`, all units of a run in one call. */
  unit(name: string): Promise<ReadonlyMap<string, string>>
  user(name: string): Promise<UserReading | null>
  group(name: string): Promise<GroupReading | null>
  /** The first name that a number has, `null` when it is free. */
  userOf(uid: number): Promise<string | null>
  groupOf(gid: number): Promise<string | null>
  /** All groups, for the memberships of a user. */
  groups(): Promise<readonly GroupReading[]>
  /** Runs a command listed in `agent/queries.ts`; refuses any other. Reads, and reads as `keys`. */
  query(argv: Argv, keys: readonly Key[]): Promise<Ended>
  /** Runs a guard that the site declares, such as `unless`. */
  probe(
    argv: Argv,
    how: {
      user: string | null
      cwd: string | null
      env: Readonly<Record<string, string>>
      timeoutMs: number
    },
  ): Promise<Ended>
  /** Whether a command with this hash was run on this host. */
  stamp(hash: string): Promise<boolean>
}

/** One planned resource, as `gather` is handed it. */
export type Planned<Props, F extends Fields> = {
  readonly name: string
  readonly props: Props
  readonly changes: Changes
  readonly current: F | null
}

/** How one type of resource is declared, observed and brought into line. */
export interface State<Props, F extends Fields> {
  /** The file's name, and the part of a `ResourceId` before the colon. */
  readonly type: string
  /** Checks the name; see `names.ts` for the usual kinds. */
  readonly name: GenericSchema<unknown, string>
  /** What a role may declare. */
  readonly props: GenericSchema<unknown, Props>
  /** What `read` may return. Every reading is checked against it. */
  readonly fields: GenericSchema<unknown, F>
  /** The declaration in the terms of `fields`. A field left out is not managed. `null`: must not be there. */
  desired(name: string, props: Props): Partial<F> | null
  /** What is there now. It may wait, and it cannot write. */
  read(name: string, props: Props, host: Host): Promise<F | null>
  /** The effects that remove `changes`, in order. Never called without changes. */
  steps(name: string, props: Props, changes: Changes, current: F | null): readonly Step[]
  /**
   * Makes one list of steps of consecutive planned resources, which are then performed together. It may ask
   * the host, such as apt for the exact transaction. `steps` is not called where this is given.
   */
  gather?(planned: readonly Planned<Props, F>[], host: Host): Promise<readonly Step[]>
  /** Whether two planned resources can share the steps of `gather`. Left out: any can. */
  together?(one: Props, other: Props): boolean
  /** Where to listen for drift. Leave out for types that only a timer can check. */
  watches?(name: string, props: Props): readonly Watch[]
  /** Resources to settle first, when the same catalog holds them; a trailing `*` stands for all that begins so. */
  requires?(name: string, props: Props): readonly ResourceId[]
  /**
   * The declaration takes `content`, `template` or `source`, of which the compiler makes a blob; its hash reaches
   * `props` as `sha256`.
   */
  readonly carriesContent?: boolean
  /** Props that are sets: two roles that declare the same resource are merged there, not refused. */
  readonly sets?: readonly string[]
  /** Fills in what only the whole catalog says, such as the names that a purged directory keeps. Pure. */
  complete?(name: string, props: Props, all: readonly Declared[]): Props
  /** What `restart_on` and `reload_on` mean here; left out: this type has no use for them. */
  readonly reacts?: readonly Reaction[]
  /**
   * A value that is another one after a reaction has taken place, such as a unit's invocation. It tells, after a
   * crash, whether an owed restart was done.
   */
  evidence?(current: F | null): string | null
  /** Examples of declarations for the reference page, as YAML; each is compiled by a test. */
  readonly examples: readonly string[]
}

/** What every resource of the catalog says of itself to the others. */
export type Declared = {
  readonly type: string
  readonly name: string
  /** Empty where they have mistakes. */
  readonly props: Readonly<Record<string, unknown>>
  /** The files that it watches, beside a name that is a path. */
  readonly paths: readonly string[]
}

/** The files that a resource watches: what else keeps its hands off. */
export function pathsOf(state: AnyState | undefined, name: string, props: unknown): string[] {
  return (state?.watches?.(name, props) ?? []).flatMap((watch) => ('path' in watch ? [watch.path] : []))
}

/** A restart or reload is no state, so it has no field: it reaches `steps` as a change of this name. */
export type Reaction = 'restart' | 'reload'

/** What hints that a resource may have drifted. It names a place, never a value. */
export type Watch = { readonly path: string } | { readonly unit: string }

/** Gives a state its types; returns it as it is. */
export function defineState<Props, F extends Fields>(state: State<Props, F>): State<Props, F> {
  return state
}

/** Any state, where its own types no longer matter. */
// biome-ignore lint/suspicious/noExplicitAny: props and fields differ by type; each state's own schemas check them.
export type AnyState = State<any, any>

/** Whether two keys name something in common. */
export function overlaps(a: Key, b: Key): boolean {
  if (a.endsWith('*')) {
    const stem = a.slice(0, -1)
    return b.startsWith(stem) || (b.endsWith('*') && stem.startsWith(b.slice(0, -1)))
  }
  return b.endsWith('*') ? a.startsWith(b.slice(0, -1)) : a === b
}

/**
 * Names a part of the host that a state reads or a step may change:
 * `file:/etc/motd`, `unit:nginx.service`, `user:app`, `group:app`, `uid:1000`, `gid:1000`, `uid-of:app` and
 * `gid-of:app` for the number that an account has until it is renumbered or removed, `package:nginx`,
 * `stamp:HASH`, `disk:/etc/apt/*` for files that a program reads by itself; a trailing `*` stands for all that
 * begins so; `*` alone for everything.
 */
export type Key = string

/** Whether two keys name something in common. */
export function overlaps(a: Key, b: Key): boolean {
  if (a.endsWith('*')) {
    const stem = a.slice(0, -1)
    return b.startsWith(stem) || (b.endsWith('*') && stem.startsWith(b.slice(0, -1)))
  }
  return b.endsWith('*') ? a.startsWith(b.slice(0, -1)) : a === b
}

/** A program and its arguments. There is no shell anywhere. */
export type Argv = readonly [string, ...string[]]

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
  /** Installed for the sake of another, as apt notes it. */
  readonly automatic: boolean
  /** dpkg's third word: `installed`, `half-configured`, `config-files`, … */
  readonly status: string
}

/** Of apt's lists of what can be installed. */
export type AptIndexReading = {
  /** Milliseconds since it was fetched. */
  readonly ageMs: number
  /** A source was changed since. */
  readonly outdated: boolean
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

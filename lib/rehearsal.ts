import type { Held, Outcome, Owed, Preview } from './outcome.ts'
import type { Change, ResourceId } from './state.ts'

/** One path that an apply made, changed or removed in a copy of a host. */
export type Effect = {
  readonly path: string
  readonly change: 'created' | 'changed' | 'removed'
  readonly kind: 'file' | 'directory' | 'link' | 'special'
  /** Of what stays: kind, mode, owner, group, target. Of what is new, with `null` before. */
  readonly changes: readonly Change[]
  /** Of the content as it then is; `null`: of what is no file, too large, or not for everybody to know. */
  readonly sha256: string | null
  readonly preview: Preview | null
  /** The resource that was worked on then; `null`: none. */
  readonly by: ResourceId | null
  /** Whether that resource names the path in a step of its own. */
  readonly named: boolean
  /** The package that brings the path; `null`: a script or a command made it. */
  readonly package: string | null
}

/** What systemd was asked for, and what it would then do. */
export type Asked = { readonly verb: string; readonly unit: string; readonly by: ResourceId | null }

/** What an apply did to a copy of a host that is thrown away. */
export type Rehearsal = {
  readonly outcomes: readonly Outcome[]
  readonly owed: readonly Owed[]
  /** Why nothing would be taken back; `null`: it would. */
  readonly held: Held | null
  /** Where resources that are not settled are declared: "role  file:line". */
  readonly origins: Readonly<Record<string, string>>
  /** By path. */
  readonly effects: readonly Effect[]
  /** How many more there are than `effects` holds. */
  readonly more: number
  readonly asked: readonly Asked[]
  /** Settings of the kernel that would be others. */
  readonly settings: readonly Change[]
  /** Packages that came, went or changed, with those of their scripts that ran. */
  readonly scripts: Readonly<Record<string, readonly string[]>>
  /** Paths of caches, logs, the databases of dpkg and drover, and of /run, which nobody declares. */
  readonly volatile: number
  /** What the copy took. */
  readonly bytes: number
  readonly ms: number
}

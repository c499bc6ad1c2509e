import type { Host, Stat } from './host.ts'
import type { Fields, ResourceId } from './state.ts'

/** What was there before drover first changed a resource. */
export type PreImage = {
  /** What the reading said, without what is long; `null`: it was not there. */
  readonly fields: Fields | null
  /** What steps write, make, replace or remove. */
  readonly paths: readonly PathImage[]
  /** More paths than are remembered. */
  readonly cut: boolean
}

export type PathImage = {
  readonly path: string
  /** `null`: nothing was there. */
  readonly was: Pick<Stat, 'kind' | 'mode' | 'owner' | 'group' | 'target'> | null
  /** Of a file's content, which is kept under this name. */
  readonly sha256: string | null
  /** Why the content of a file or directory is not kept. */
  readonly unkept: Unkept | null
}

/** `untouched`: nothing has changed the content so far, and it is kept before something does. */
export type Unkept = 'untouched' | 'secret' | 'too-large' | 'no-room' | 'directory'

/** What a state goes by to put a thing back. */
export type Former<F extends Fields> = {
  /** As in a pre-image; fields may be missing that were too long to be remembered. */
  readonly fields: Partial<F> | null
  readonly paths: readonly PathImage[]
  /** What it needs that goes as well, and was not there before drover either. */
  readonly gone: readonly ResourceId[]
  /** The host as it is now: others may have changed the thing since. */
  readonly host: Host
  /** Of the file that was at one of `paths`; `null`: it is not kept. */
  text(path: string): string | null
}

/** What puts a thing back, in order, and what of it nobody can put back. */
export type Restoration = {
  readonly back: readonly Declaration[]
  readonly stays: readonly string[]
  /** It runs on, and is put back when all that it goes by is as it was. */
  readonly runsOn?: boolean
}

/** As a role would declare it; a path may be of another type than before. */
export type Declaration = {
  readonly type: string
  readonly name: string
  readonly props: Readonly<Record<string, unknown>>
}

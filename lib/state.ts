import type { GenericSchema } from 'valibot'
import type { Host } from './host.ts'
import type { Former, Restoration } from './pre-image.ts'
import type { Step } from './step.ts'

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
  /**
   * Props that may hold a secret, each with a value that stands for it while the rest is checked. An agent hands the
   * state a `Secret` there.
   */
  readonly sensitive?: Readonly<Record<string, string>>
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
  /**
   * What puts back how it was before drover first changed it, for when no role declares it any more. `props` are those
   * with which it was last applied, and a secret in them is a digest. Left out: what it did stays.
   */
  restore?(name: string, props: Props, former: Former<F>): Promise<Restoration> | Restoration
  /** Others have their part in the paths that it watches, as with a line of a file. */
  readonly sharesPaths?: true
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
export type Watch =
  | { readonly path: string }
  | { readonly unit: string }
  /** What comes and goes in it. */
  | { readonly directory: string }

/** Gives a state its types; returns it as it is. */
export function defineState<Props, F extends Fields>(state: State<Props, F>): State<Props, F> {
  return state
}

/** Any state, where its own types no longer matter. */
// biome-ignore lint/suspicious/noExplicitAny: props and fields differ by type; each state's own schemas check them.
export type AnyState = State<any, any>

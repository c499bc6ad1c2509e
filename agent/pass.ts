import type { Content, Resource, Trigger } from '../lib/catalog.ts'
import type { Key } from '../lib/host.ts'
import type { Outcome, Owed, Pause } from '../lib/outcome.ts'
import type { AnyState, Change, Fields, ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import type { Aliases } from './aliases.ts'
import type { LiveHost } from './host.ts'
import type { Journal } from './journal.ts'
import type { Leaving } from './leaving.ts'
import type { Ledger } from './ledger.ts'
import type { Overlay } from './overlay.ts'
import type { Uncertain } from './uncertain.ts'

export type RunEvent =
  | { readonly kind: 'step'; readonly id: ResourceId; readonly step: Step }
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly done: number; readonly total: number }

/** Is told which packages an interrupted dpkg had left half done, once they are completed. */
export type Recovered = (packages: readonly string[]) => void

export type Run = {
  readonly mode: 'check' | 'apply'
  readonly host: LiveHost
  readonly states: ReadonlyMap<string, AnyState>
  readonly blobs: Content
  /** A check is handed what it says is owed, and writes nothing to it. */
  readonly journal: Pick<Journal, 'debts' | 'owe' | 'begin' | 'paid'>
  /** A check is handed one that it never asks. */
  readonly ledger: Pick<Ledger, 'own' | 'unchanged' | 'release'>
  /** What is taken back before anything else is done. */
  readonly leaving?: Leaving
  /** Somebody else has apt's locks; a check has no use for that. */
  readonly isDpkgBusy?: () => boolean
  /** `timeoutMs` of the resource goes before the step's own. */
  readonly perform: (step: Step, timeoutMs: number | null, recovered: Recovered) => Promise<void>
  readonly tell: (event: RunEvent) => void
  readonly signal?: AbortSignal
  /** Those that are looked at; left out: all. */
  readonly only?: ReadonlySet<ResourceId> | undefined
  /** They were looked at just before, by the same host. */
  readonly looked?: boolean
  /** Those that are looked at, shown and left alone; left out: none. */
  readonly paused?: ReadonlyMap<ResourceId, Pause> | undefined
}

/** What one pass knows while it goes through a catalog. */
export type Pass = Run & {
  readonly view: Overlay
  readonly aliases: Aliases
  readonly outcomes: Map<ResourceId, Outcome>
  readonly uncertain: Uncertain
  /** Who restarts or reloads when a resource changes. */
  readonly reactors: ReadonlyMap<ResourceId, readonly { id: ResourceId; trigger: Trigger }[]>
  readonly owed: Owed[]
  /** File systems that were found to be read-only, with the resource that met each first. */
  readonly readOnly: Map<string, ResourceId>
  /** Ids of what leaves, with how. */
  readonly leaves: ReadonlyMap<ResourceId, Resource['onRemove']>
  /** How many resources there are to be looked at. */
  readonly total: number
}

/** A resource that differs, with what is needed to settle it. */
export type Due = {
  readonly resource: Resource
  readonly state: AnyState
  readonly current: Fields | null
  readonly changes: readonly Change[]
  /** What its plan was made from. */
  readonly keys: Key[]
}

import type { Trigger } from './catalog.ts'
import type { FailureCode } from './failure.ts'
import type { Ended } from './host.ts'
import type { Change, ResourceId } from './state.ts'
import type { Step } from './step.ts'

/** The text of a file before and after a step, as one unified diff; or why there is none. */
export type Preview = {
  readonly path: string
  readonly diff: string | null
  /** Said in place of a diff: a binary file, too large, … */
  readonly note: string | null
  readonly added: number
  readonly removed: number
}

/** What would be done, or was. */
export type Work = {
  readonly changes: readonly Change[]
  /**
   * In order. Resources that are performed together (packages) share one list: the first of them has it, the
   * others name that one in `with`.
   */
  readonly steps: readonly Step[]
  readonly with: ResourceId | null
  readonly previews: readonly Preview[]
}

/** Why a resource is left as it is; all else is enforced. */
export type Pause = {
  readonly by: string
  /** By the master's clock. */
  readonly until: number
  readonly reason: string
  /** Its time is over, and it is left alone still until somebody resumes it. */
  readonly isOver: boolean
}

/** A resource that is put right again and again, since another hand changes it too. Times by the host's clock. */
export type Contested = {
  readonly id: ResourceId
  readonly since: number
  /** How often it was put right since then. */
  readonly times: number
  readonly lastAt: number
  /** It is left alone until then. */
  readonly nextAt: number
  /** What is known of the other hand, in sentences. */
  readonly known: readonly string[]
}

/**
 * What no role declares any more is put back as it was before drover, removed, or moved to the quarantine. What a run
 * changed is put back as that run found it: `undo`.
 */
export type Leaves = {
  readonly how: 'restore' | 'remove' | 'quarantine' | 'undo'
  /** Who declared it last. */
  readonly role: string
  readonly place: string
  /** It holds a secret, whose value nobody may know here any more. */
  readonly holdsSecret: boolean
  /** Of an undo: later runs that changed it too, which is undone with it. */
  readonly also?: readonly string[]
}

/** What became of one resource in one run. */
export type Outcome = {
  /** Of what no role declares any more. */
  readonly leaves?: Leaves
  /** What of it stays as it is, and why. Drover then forgets that it was its own. */
  readonly stays?: string
  /** Packages that an interrupted dpkg had left half done; they were completed before anything else. */
  readonly recovered?: readonly string[]
} & End

type End =
  | { readonly id: ResourceId; readonly status: 'settled' }
  | (Work & {
      readonly id: ResourceId
      readonly status: 'planned'
      /** What changes first and may make this plan another one. Empty: it is performed exactly as shown. */
      readonly after: readonly ResourceId[]
      /** Why no steps can be shown before `after` has changed. */
      readonly unknown: string | null
      /** It differs and stays so, in an apply too. */
      readonly paused?: Pause
    })
  | (Work & {
      readonly id: ResourceId
      readonly status: 'changed'
      readonly ms: number
      /** From when something was heard of it until it was put right; left out where nothing was. */
      readonly latencyMs?: number
    })
  | {
      readonly id: ResourceId
      readonly status: 'failed'
      readonly code: FailureCode
      readonly reason: string
      readonly hint: string | null
      readonly changes: readonly Change[]
      /** Steps that were performed before it failed. */
      readonly steps: readonly Step[]
      /** The command that failed, if one did. */
      readonly ended: Ended | null
      /** What still differs after the steps. */
      readonly left: readonly Change[]
      readonly ms: number
    }
  | {
      readonly id: ResourceId
      readonly status: 'skipped'
      /** The resource that failed or was itself skipped; `null`: the run was interrupted. */
      readonly because: ResourceId | null
    }

/** Reactions that could not be done in this run and are done in the next. */
export type Owed = { readonly id: ResourceId; readonly trigger: Trigger; readonly why: string }

/** Why nothing of what no role declares any more was taken back. */
export type Held = { readonly reason: string; readonly hint: string }

export type RunResult = {
  readonly outcomes: readonly Outcome[]
  readonly owed: readonly Owed[]
  readonly held: Held | null
  readonly ms: number
}

/** It would be done, if it were applied now. */
export const isDue = (outcome: Outcome) => outcome.status === 'planned' && outcome.paused === undefined

export type Summary = Readonly<Record<Outcome['status'], number>>

/** How many resources came to each of the five ends. */
export function summarise(outcomes: readonly Outcome[]): Summary {
  const summary = { settled: 0, planned: 0, changed: 0, failed: 0, skipped: 0 }
  for (const { status } of outcomes) summary[status] += 1
  return summary
}

import type { Outcome } from '../lib/outcome.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Hint } from './drift.ts'
import type { RunEvent } from './pass.ts'

/** How long it takes from when something is heard of a resource until it is put right. */
export interface Latencies {
  /** What a run tells of itself. */
  hear(event: RunEvent): void
  /** The outcomes of that run: what was heard of and changed says how long that took. */
  stamp(outcomes: readonly Outcome[]): readonly Outcome[]
}

/** Of a run that was called by what was heard; `null`: by something else. */
export function openLatencies(hint: Hint | null): Latencies {
  const putRightAt = new Map<ResourceId, number>()
  return {
    hear(event) {
      if (event.kind === 'outcome') putRightAt.set(event.outcome.id, performance.now())
    },
    stamp: (outcomes) =>
      outcomes.map((outcome) => {
        const heardAt = hint?.get(outcome.id)
        if (heardAt === undefined || outcome.status !== 'changed') return outcome
        const at = putRightAt.get(outcome.id) ?? performance.now()
        return { ...outcome, latencyMs: Math.round(at - heardAt) }
      }),
  }
}

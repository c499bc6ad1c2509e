import type { Resource } from '../lib/catalog.ts'
import type { Outcome } from '../lib/outcome.ts'
import { sha256 } from '../lib/sha256.ts'
import type { ResourceId } from '../lib/state.ts'

/** Something was heard of these resources: of each for the first time at this monotonic millisecond. */
export type Hint = ReadonlyMap<ResourceId, number>

/** What was heard before counts from when it was heard before. */
export const joinedHints = (before: Hint, after: Hint): Hint => new Map([...after, ...before])

/**
 * How the resources stood that were not as they should be when a run last looked at them. What the agent wrote itself
 * is heard like all else, and so is what it tried in vain: neither is news when it is looked at again.
 */
export interface Standing {
  /** Takes down what a run came to; `whole`: it looked at all there is. */
  note(outcomes: readonly Outcome[], whole: boolean): void
  /** Those that stand otherwise than the last run left them. A run that may apply is not done with what was shown. */
  news(outcomes: readonly Outcome[], kind: 'check' | 'apply'): ResourceId[]
  /** These and all that depends on them, but for what waits for something that failed. In the catalog's order. */
  calledBy(ids: readonly ResourceId[], resources: readonly Resource[]): Set<ResourceId>
}

/** `differences`: digests of what it differed in, before the run and after. */
type Trouble = { readonly status: Outcome['status']; readonly differences: readonly string[] }

export function openStanding(): Standing {
  const troubles = new Map<ResourceId, Trouble>()
  return {
    note(outcomes, whole) {
      if (whole) troubles.clear()
      for (const outcome of outcomes) {
        const { id, status } = outcome
        if (status === 'settled' || status === 'changed') troubles.delete(id)
        else troubles.set(id, { status, differences: differencesOf(outcome) })
      }
    },
    news(outcomes, kind) {
      const isNews = (outcome: Outcome) => {
        const { status, differences = [] } = troubles.get(outcome.id) ?? {}
        if (outcome.status === 'settled') return differences.length > 0
        const [now] = differencesOf(outcome)
        if (now === undefined) return false
        const isDue = outcome.status === 'planned' && outcome.paused === undefined
        return !differences.includes(now) || (kind === 'apply' && status === 'planned' && isDue)
      }
      return outcomes.filter(isNews).map(({ id }) => id)
    },
    calledBy(ids, resources) {
      const called = new Set(ids)
      const isStopped = (id: ResourceId) => ['failed', 'skipped'].includes(troubles.get(id)?.status ?? '')
      for (const { id, needs, reactions } of resources) {
        const isCalled =
          called.has(id) ||
          needs.some((need) => called.has(need)) ||
          reactions.some(({ on }) => called.has(on))
        const waits = needs.some((need) => !called.has(need) && isStopped(need))
        if (isCalled && !waits) called.add(id)
        else called.delete(id)
      }
      return called
    },
  }
}

/** What it differs in comes first, or why nobody can say. */
function differencesOf(outcome: Outcome): string[] {
  if (outcome.status === 'planned') return [digest(outcome.changes)]
  if (outcome.status !== 'failed') return []
  const { changes, left, reason } = outcome
  return changes.length === 0 ? [digest(reason)] : [digest(changes), digest(left), digest(reason)]
}

const digest = (value: unknown) => sha256(JSON.stringify(value))

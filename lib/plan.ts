import type { Trigger } from './catalog.ts'
import type { AnyState, Change, Changes, Fields } from './state.ts'
import type { Step } from './step.ts'

export type Plan = { readonly changes: readonly Change[]; readonly steps: readonly Step[] }

/**
 * What differs between the declaration and the reading, with the reactions that are due.
 *
 * Pure: the same declaration, reading and triggers give the same changes, in a check and in an apply alike.
 */
export function changesOf(
  state: AnyState,
  name: string,
  props: unknown,
  current: Fields | null,
  triggers: readonly Trigger[],
): Change[] {
  const differences = diff(state.desired(name, props), current)
  if (triggers.length === 0) return differences
  for (const reaction of ['restart', 'reload'] as const) {
    const causes = triggers.filter((trigger) => trigger.reaction === reaction).map((trigger) => trigger.on)
    if (causes.length > 0) differences.push({ field: reaction, from: null, to: causes })
  }
  return differences
}

/** A restart or reload that is due, in place of a field that differs. */
export const isReaction = ({ field }: Change) => field === 'restart' || field === 'reload'

/**
 * Asserts that a state answers its changes with steps. It may have no use for a reaction (a service that is to be
 * stopped is not restarted); it may not leave a difference standing. Returns false when nothing is to be done.
 */
export function answers(
  state: AnyState,
  name: string,
  changes: readonly Change[],
  steps: readonly Step[],
): boolean {
  if (steps.length > 0) return true
  if (changes.every(isReaction)) return false
  const fields = changes.filter((change) => !isReaction(change)).map((change) => change.field)
  throw new Error(`state ${state.type} plans no step for ${name}, which differs in: ${fields.join(', ')}`)
}

export function byField(changes: readonly Change[]): Changes {
  const fields = new Map<string, Change>()
  for (const change of changes) fields.set(change.field, change)
  return fields
}

/** The plan of one resource by itself; `converge` does the same with what it gathers. */
export function plan(
  state: AnyState,
  name: string,
  props: unknown,
  current: Fields | null,
  triggers: readonly Trigger[] = [],
): Plan {
  const changes = changesOf(state, name, props, current, triggers)
  if (changes.length === 0) return { changes, steps: [] }
  const steps = state.steps(name, props, byField(changes), current)
  return answers(state, name, changes, steps) ? { changes, steps } : { changes: [], steps: [] }
}

/** Compares only the fields that `desired` names, in its order. */
export function diff(desired: Partial<Fields> | null, current: Fields | null): Change[] {
  if (desired === null) return current === null ? [] : [{ field: 'exists', from: true, to: false }]
  const changes: Change[] = current === null ? [{ field: 'exists', from: false, to: true }] : []
  for (const field in desired) {
    const to = desired[field]
    const from = current?.[field] ?? null
    if (to !== undefined && !same(from, to)) changes.push({ field, from, to })
  }
  return changes
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((value, i) => value === b[i])
}

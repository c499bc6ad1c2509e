import type { Resource, Trigger } from '../lib/catalog.ts'
import type { Outcome } from '../lib/outcome.ts'
import { isReaction } from '../lib/plan.ts'
import type { AnyState, Fields, ResourceId } from '../lib/state.ts'
import type { Debt } from './journal.ts'
import type { Due, Pass } from './pass.ts'

/** Restarts and reloads: when they are due, when they have to wait, and how none of them is lost. */

/** Who restarts or reloads when a resource changes. */
export function reactorsOf(resources: readonly Pick<Resource, 'id' | 'reactions'>[]) {
  const reactors = new Map<ResourceId, { id: ResourceId; trigger: Trigger }[]>()
  for (const { id, reactions } of resources) {
    for (const trigger of reactions)
      reactors.set(trigger.on, [...(reactors.get(trigger.on) ?? []), { id, trigger }])
  }
  return reactors
}

export const isStopped = (outcome: Outcome | undefined) =>
  outcome?.status === 'failed' || outcome?.status === 'skipped'

/** The reactions that are due: of this run, and owed from one that did not come to its end. */
export function triggersOf(
  resource: Resource,
  state: AnyState,
  current: Fields | null,
  pass: Pass,
): Trigger[] {
  const debts = pass.journal.debts(resource.id)
  if (resource.reactions.length === 0 && debts.length === 0) return []
  const wasDone = ({ begun }: Debt) => begun !== null && state.evidence?.(current) !== begun
  if (debts.length > 0 && debts.every(wasDone)) pass.journal.paid(resource.id)
  const due = dueOf(
    resource,
    debts.filter((debt) => !wasDone(debt)),
    pass,
  )
  const stopped = due.find(({ on }) => isStopped(pass.outcomes.get(on)))
  if (stopped === undefined) return due
  // A restart after half of a change would take a service down that runs well on the old half.
  withhold(resource, due, `${stopped.on} ${pass.outcomes.get(stopped.on)?.status}`, pass)
  return []
}

function dueOf({ reactions }: Resource, debts: readonly Debt[], { outcomes }: Pass): Trigger[] {
  const moved = reactions.filter(({ on }) => isMoved(outcomes.get(on)))
  const all = [...moved, ...debts.map((debt) => debt.trigger)]
  return [...new Map(all.map((trigger) => [`${trigger.reaction} ${trigger.on}`, trigger])).values()]
}

export const isMoved = (outcome: Outcome | undefined) =>
  outcome?.status === 'changed' || (outcome?.status === 'planned' && outcome.paused === undefined)

function withhold({ id }: Resource, due: readonly Trigger[], why: string, { owed }: Pass): void {
  owed.push(...due.map((trigger) => ({ id, trigger, why })))
}

/** A resource that is not reached in this run, and what it would have restarted for. */
export function skip(resource: Resource, because: ResourceId | null, pass: Pass): Outcome {
  const why =
    because === null ? 'the run was interrupted' : `${because} ${pass.outcomes.get(because)?.status}`
  withhold(resource, dueOf(resource, pass.journal.debts(resource.id), pass), why, pass)
  return { id: resource.id, status: 'skipped', because }
}

/** What a restart is due for, and may turn out not to change. */
export function doubtfulCauses({ changes }: Due, { outcomes }: Pass): ResourceId[] {
  const causes = changes.filter(isReaction).flatMap(({ to }) => to as readonly ResourceId[])
  return causes.filter((id) => {
    const outcome = outcomes.get(id)
    return outcome?.status === 'planned' && (outcome.after.length > 0 || outcome.unknown !== null)
  })
}

/** What is owed is on disk before the step that makes it due. */
export function announce(due: readonly Due[], { journal, reactors }: Pass): void {
  journal.owe(due.flatMap(({ resource }) => reactors.get(resource.id) ?? []))
  for (const { resource, state, current, changes } of due) {
    const evidence = changes.some(isReaction) ? state.evidence?.(current) : null
    if (typeof evidence === 'string') journal.begin(resource.id, evidence)
  }
}

/** A reload that was tried and refused has left its trace as one that was done does; it stays owed. */
export function stillOwed(id: ResourceId, { journal }: Pass): void {
  journal.owe(journal.debts(id).map((debt) => ({ id, trigger: debt.trigger })))
}

import { Failure } from '../lib/failure.ts'
import type { Outcome, Work } from '../lib/outcome.ts'
import { diff, isReaction } from '../lib/plan.ts'
import type { Change, ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { failed, failureOf } from './failures.ts'
import { readOnlyMount } from './mounts.ts'
import type { Due, Pass } from './pass.ts'
import { type Planned, read, workOf } from './planned.ts'
import { announce, stillOwed } from './reactions.ts'

/** Performs what was planned, and tells by a second look what came of it. */
export async function effect(
  due: readonly Due[],
  planned: Planned,
  started: number,
  pass: Pass,
): Promise<Outcome[]> {
  const { steps } = planned
  if (steps.length === 0) {
    for (const { resource } of due) pass.journal.paid(resource.id)
    return due.map(({ resource: { id } }) => ({ id, status: 'settled' }))
  }
  const performed: Performed = { steps: [], recovered: [] }
  const stopped = await performAll(due, steps, performed, pass).catch(failureOf)
  const outcomes: Outcome[] = []
  for (const one of due) {
    const left = await leftOf(one, pass).catch(failureOf)
    const failure = verdict(left, stopped, due.length === 1)
    outcomes.push(
      failure === null
        ? changed(one, workOf(one, due, planned), started, pass)
        : unsettled(one, { ...failed(one, failure, started), steps: performed.steps }, left, failure, pass),
    )
  }
  const [first, ...others] = outcomes
  const { recovered } = performed
  return first === undefined || recovered.length === 0 ? outcomes : [{ ...first, recovered }, ...others]
}

function unsettled(
  one: Due,
  failed: Extract<Outcome, { status: 'failed' }>,
  left: readonly Change[] | Failure,
  failure: Failure,
  pass: Pass,
): Outcome {
  const { id } = one.resource
  stillOwed(id, pass)
  if (isAsBefore(left, one)) pass.ledger.unchanged(id)
  const because = waitsFor(id, failure, pass)
  if (because !== null) return { id, status: 'skipped', because }
  return { ...failed, left: left instanceof Failure ? [] : left }
}

/** A file system that is read-only fails the first resource that meets it; all others wait for that one. */
function waitsFor(id: ResourceId, failure: Failure, { readOnly }: Pass): ResourceId | null {
  const mount = readOnlyMount(failure)
  if (mount === null) return null
  const first = readOnly.get(mount) ?? null
  if (first === null) readOnly.set(mount, id)
  return first
}

/** Of resources that were performed together, those that are settled did not fail. */
function verdict(left: readonly Change[] | Failure, stopped: Failure | null, alone: boolean): Failure | null {
  if (left instanceof Failure) return left
  if (left.length > 0) return stopped ?? STILL_DIFFERS
  return alone ? stopped : null
}

/** It was tried, and nothing came of it. */
const isAsBefore = (left: readonly Change[] | Failure, { changes }: Due) =>
  JSON.stringify(left) === JSON.stringify(changes.filter((change) => !isReaction(change)))

const STILL_DIFFERS = new Failure('internal', 'it still differs after its steps')

function changed({ resource: { id }, changes }: Due, work: Work, started: number, pass: Pass): Outcome {
  if (changes.some(isReaction)) pass.journal.paid(id)
  return { ...work, id, status: 'changed', ms: Math.round(performance.now() - started) }
}

type Performed = { readonly steps: Step[]; readonly recovered: string[] }

async function performAll(
  due: readonly Due[],
  steps: readonly Step[],
  performed: Performed,
  pass: Pass,
): Promise<null> {
  const [first] = due
  if (first === undefined) return null
  await pass.ledger.own(due, steps)
  announce(due, pass)
  for (const step of steps) {
    pass.tell({ kind: 'step', id: first.resource.id, step })
    try {
      await pass.perform(step, first.resource.timeoutMs, (packages) => {
        performed.recovered.push(...packages)
      })
    } finally {
      // Even one that failed may have changed what others would read: a file may be a unit's, or hold the accounts.
      pass.host.forget()
      // So may a link have come or gone.
      pass.view.directories.forget()
    }
    performed.steps.push(step)
  }
  return null
}

/** Success is a second look: what a resource still differs in. */
async function leftOf({ resource, state }: Due, pass: Pass): Promise<Change[]> {
  return diff(state.desired(resource.name, resource.props), await read(state, resource, pass, []))
}

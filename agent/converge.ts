import { parse } from 'valibot'
import type { Catalog, Resource } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { Key } from '../lib/host.ts'
import type { Outcome, RunResult, Work } from '../lib/outcome.ts'
import { answers, byField, changesOf, diff, isReaction } from '../lib/plan.ts'
import type { AnyState, Change, Fields } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { aliases } from './aliases.ts'
import { failed, failureOf } from './failures.ts'
import { overlay } from './overlay.ts'
import type { Due, Pass, Run } from './pass.ts'
import { preflight } from './preflight.ts'
import { previewsOf } from './preview.ts'
import { announce, doubtfulCauses, isStopped, reactorsOf, skip, stillOwed, triggersOf } from './reactions.ts'
import { Recording } from './recording.ts'
import { uncertain } from './uncertain.ts'

/**
 * One pass over a catalog, in its order. A resource that fails stops only those that need it.
 *
 * A check and an apply are the same lines but for one `if` in `settle`.
 */
export async function converge(catalog: Pick<Catalog, 'resources'>, run: Run): Promise<RunResult> {
  const started = performance.now()
  // What was known before this run may be old.
  run.host.forget()
  const view = overlay(run.host, run.blobs)
  const pass: Pass = {
    ...run,
    view,
    aliases: aliases(catalog.resources, view.stat),
    outcomes: new Map(),
    uncertain: uncertain(),
    reactors: reactorsOf(catalog.resources),
    owed: [],
  }
  askForUnits(catalog.resources, pass)
  for (const batch of batches(catalog.resources, run.states)) {
    const outcomes = run.signal?.aborted
      ? batch.map((resource) => skip(resource, null, pass))
      : await settle(batch, pass)
    for (const outcome of outcomes) {
      pass.outcomes.set(outcome.id, outcome)
      run.tell({ kind: 'outcome', outcome, done: pass.outcomes.size, total: catalog.resources.length })
    }
  }
  return {
    outcomes: [...pass.outcomes.values()],
    owed: pass.owed,
    ms: Math.round(performance.now() - started),
  }
}

/** Units are asked for together, so that one command answers for all of them, while files are looked at. */
function askForUnits(resources: readonly Resource[], { states, host }: Pass): void {
  const asked: Promise<unknown>[] = []
  for (const { type, name, props } of resources) {
    for (const watch of states.get(type)?.watches?.(name, props) ?? [])
      if ('unit' in watch) asked.push(host.unit(watch.unit))
  }
  // Whoever reads a unit that can't be read says so in its own outcome.
  void Promise.allSettled(asked)
}

/** Consecutive resources of a type that gathers its steps, as long as they can be done together; others alone. */
function* batches(
  resources: readonly Resource[],
  states: ReadonlyMap<string, AnyState>,
): Generator<Resource[]> {
  let batch: Resource[] = []
  for (const resource of resources) {
    const state = states.get(resource.type)
    const joins =
      batch[0]?.type === resource.type &&
      state?.gather !== undefined &&
      batch.every(
        ({ id, props }) => !resource.needs.includes(id) && (state.together?.(props, resource.props) ?? true),
      )
    if (!joins && batch.length > 0) {
      yield batch
      batch = []
    }
    batch.push(resource)
  }
  if (batch.length > 0) yield batch
}

async function settle(batch: readonly Resource[], pass: Pass): Promise<Outcome[]> {
  const looked: (Outcome | Due)[] = []
  for (const resource of batch) looked.push(await look(resource, pass))
  const due = looked.filter((one): one is Due => !('status' in one))
  if (due.length === 0) return looked as Outcome[]

  const started = performance.now()
  const planned = await stepsOf(due, pass).catch(failureOf)
  if (planned instanceof Failure && due.length > 1) return apart(looked, due, pass)
  const done =
    pass.mode === 'check'
      ? await show(due, planned, pass)
      : planned instanceof Failure
        ? due.map((one) => failed(one, planned, started))
        : await effect(due, planned, started, pass)
  const outcomes = new Map(done.map((outcome) => [outcome.id, outcome]))
  return looked.map((one) => ('status' in one ? one : (outcomes.get(one.resource.id) as Outcome)))
}

/** One resource that can't be planned does not stop those that it was to be performed with. */
async function apart(
  looked: readonly (Outcome | Due)[],
  due: readonly Due[],
  pass: Pass,
): Promise<Outcome[]> {
  const resources = due.map(({ resource }) => resource)
  const half = Math.ceil(resources.length / 2)
  const first = await settle(resources.slice(0, half), pass)
  const done = [...first, ...(await settle(resources.slice(half), pass))]
  const outcomes = new Map(done.map((outcome) => [outcome.id, outcome]))
  return looked.map((one) => ('status' in one ? one : (outcomes.get(one.resource.id) as Outcome)))
}

/** Reads a resource and compares it. What differs is due; all else has its outcome already. */
async function look(resource: Resource, pass: Pass): Promise<Outcome | Due> {
  const { id, type, name, props } = resource
  const because = resource.needs.find((need) => isStopped(pass.outcomes.get(need)))
  if (because) return skip(resource, because, pass)
  const started = performance.now()
  const state = pass.states.get(type)
  try {
    if (state === undefined) throw unknownType(type)
    await pass.aliases.refuse(resource, state)
    const keys: Key[] = []
    const current = await read(state, resource, pass, keys)
    const triggers = triggersOf(resource, state, current, pass)
    const changes = changesOf(state, name, props, current, triggers)
    if (changes.length === 0) return { id, status: 'settled' }
    return { resource, state, current, changes, keys }
  } catch (thrown) {
    return failed({ resource, changes: [] }, failureOf(thrown), started)
  }
}

/** A catalog may come from a master that is newer than this agent. */
const unknownType = (type: string) =>
  new Failure('invalid', `this drover knows no state "${type}"`, {
    about: type,
    hint: 'bring drover on this host to the version of its master',
  })

async function read(
  state: AnyState,
  { name, props }: Resource,
  { view }: Pass,
  keys: Key[],
): Promise<Fields | null> {
  const reading = await state.read(name, props, new Recording(view, keys))
  return reading === null ? null : parse(state.fields, reading)
}

/** The steps of all that is due, checked against what the host lacks. */
async function stepsOf(due: readonly Due[], pass: Pass): Promise<readonly Step[]> {
  const [first] = due
  if (first === undefined) return []
  const { state, resource, changes, current } = first
  const steps = state.gather
    ? await state.gather(
        due.map(({ resource: { name, props }, changes, current }) => ({
          name,
          props,
          changes: byField(changes),
          current,
        })),
        new Recording(pass.view, first.keys),
      )
    : state.steps(resource.name, resource.props, byField(changes), current)
  for (const one of due) answers(state, one.resource.name, one.changes, steps)
  const mayCome = (key: Key) => pass.uncertain.before([key]).length > 0
  await preflight(steps, pass.view, mayCome, (key) => first.keys.push(key))
  return steps
}

function workOf(due: readonly Due[], steps: readonly Step[], previews: Work['previews']): Work[] {
  const [first] = due
  return due.map(({ changes }, i) => ({
    changes,
    steps: i === 0 ? steps : [],
    with: i === 0 || first === undefined ? null : first.resource.id,
    previews: i === 0 ? previews : [],
  }))
}

/** What a check does in place of performing: it shows the steps, and lets what comes later see their effect. */
async function show(due: readonly Due[], planned: readonly Step[] | Failure, pass: Pass): Promise<Outcome[]> {
  const started = performance.now()
  const before = pass.uncertain.before(due.flatMap(({ keys }) => keys))
  const after = [...new Set([...before, ...due.flatMap((one) => doubtfulCauses(one, pass))])]
  if (planned instanceof Failure && after.length === 0) return due.map((one) => failed(one, planned, started))

  const steps = planned instanceof Failure ? [] : planned
  if (!(planned instanceof Failure) && steps.length === 0)
    return due.map(({ resource: { id } }) => ({ id, status: 'settled' }))
  const works = workOf(due, steps, await previewsOf(steps, pass.view, pass.blobs))
  const first = due[0]?.resource.id
  for (const step of steps) if (first) pass.uncertain.add(first, await pass.view.assume(step))
  pass.aliases.forget()
  // Nobody can say what a resource touches whose steps are not known.
  if (planned instanceof Failure && first) pass.uncertain.add(first, ['*'])
  const unknown = planned instanceof Failure ? planned.message : null
  return due.map(({ resource: { id } }, i) => ({
    ...(works[i] as Work),
    id,
    status: 'planned',
    after,
    unknown,
  }))
}

async function effect(
  due: readonly Due[],
  steps: readonly Step[],
  started: number,
  pass: Pass,
): Promise<Outcome[]> {
  if (steps.length === 0) {
    for (const { resource } of due) pass.journal.paid(resource.id)
    return due.map(({ resource: { id } }) => ({ id, status: 'settled' }))
  }
  const works = workOf(due, steps, await previewsOf(steps, pass.view, pass.blobs))
  announce(due, pass)
  const performed: Step[] = []
  const stopped = await performAll(due, steps, performed, pass).catch(failureOf)
  const outcomes: Outcome[] = []
  for (const [i, one] of due.entries()) {
    const left = await leftOf(one, pass).catch(failureOf)
    const failure = verdict(left, stopped, due.length === 1)
    if (failure !== null) stillOwed(one.resource.id, pass)
    outcomes.push(
      failure === null
        ? changed(one, works[i] as Work, started, pass)
        : { ...failed(one, failure, started), steps: performed, left: left instanceof Failure ? [] : left },
    )
  }
  return outcomes
}

/** Of resources that were performed together, those that are settled did not fail. */
function verdict(left: readonly Change[] | Failure, stopped: Failure | null, alone: boolean): Failure | null {
  if (left instanceof Failure) return left
  if (left.length > 0) return stopped ?? STILL_DIFFERS
  return alone ? stopped : null
}

const STILL_DIFFERS = new Failure('internal', 'it still differs after its steps')

function changed({ resource: { id }, changes }: Due, work: Work, started: number, pass: Pass): Outcome {
  if (changes.some(isReaction)) pass.journal.paid(id)
  return { ...work, id, status: 'changed', ms: Math.round(performance.now() - started) }
}

async function performAll(
  due: readonly Due[],
  steps: readonly Step[],
  performed: Step[],
  pass: Pass,
): Promise<null> {
  const [first] = due
  if (first === undefined) return null
  for (const step of steps) {
    pass.tell({ kind: 'step', id: first.resource.id, step })
    try {
      await pass.perform(step, first.resource.timeoutMs)
    } finally {
      // Even one that failed may have changed what others would read: a file may be a unit's, or hold the accounts.
      pass.host.forget()
      pass.aliases.forget()
    }
    performed.push(step)
  }
  return null
}

/** Success is a second look: what a resource still differs in. */
async function leftOf({ resource, state }: Due, pass: Pass): Promise<Change[]> {
  return diff(state.desired(resource.name, resource.props), await read(state, resource, pass, []))
}

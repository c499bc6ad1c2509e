import { setImmediate as turn } from 'node:timers/promises'
import type { Catalog, Resource } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { Key } from '../lib/host.ts'
import { TURN_EVERY_MS } from '../lib/limits.ts'
import type { Outcome, Pause, RunResult, Work } from '../lib/outcome.ts'
import { changesOf } from '../lib/plan.ts'
import type { ResourceId } from '../lib/state.ts'
import { aliases } from './aliases.ts'
import { batches } from './batches.ts'
import { effect } from './effect.ts'
import { failed, failureOf } from './failures.ts'
import { causedBy, type Leaving, staysFor, withReactions } from './leaving.ts'
import { overlay } from './overlay.ts'
import type { Due, Pass, Run } from './pass.ts'
import { NOTHING, type Planned, plannedOf, read, workOf } from './planned.ts'
import { doubtfulCauses, isStopped, reactorsOf, skip, triggersOf } from './reactions.ts'
import { inTurn, takeBack } from './take-back.ts'
import { uncertain } from './uncertain.ts'

/**
 * One pass over a catalog, or over some of its resources, in its order. A resource that fails stops only those that
 * need it.
 *
 * A check and an apply are the same lines but for one `if` in `settleDue`; a resource that is paused is only checked.
 */
export async function converge(catalog: Pick<Catalog, 'resources'>, run: Run): Promise<RunResult> {
  const started = performance.now()
  // What was known before this run may be old, but not what a look at the same has found just before.
  if (!run.looked) run.host.forget()
  const view = overlay(run.host, run.blobs)
  const { only } = run
  const leaving = unpaused(run.leaving ?? NOTHING_LEAVES, run)
  const caused = causedBy(leaving.entries)
  const all = withReactions(catalog.resources, caused)
  const resources = only === undefined ? all : all.filter(({ id }) => only.has(id))
  const pass: Pass = {
    ...run,
    view,
    aliases: aliases(all, view.directories),
    outcomes: new Map(),
    uncertain: uncertain(),
    reactors: reactorsOf([
      ...catalog.resources,
      ...[...caused].map(([id, reactions]) => ({ id, reactions })),
    ]),
    owed: [],
    readOnly: new Map(),
    leaves: new Map(leaving.entries.map(({ id, onRemove }) => [id, onRemove])),
    total: resources.length + leaving.entries.length,
  }
  const [first, last] = inTurn(leaving, pass)
  await takeBack(first, leaving, all, pass, (some) => settleAll(some, pass))
  askForUnits(resources, pass)
  let turnedAt = started
  for (const batch of batches(resources, run)) {
    // Files are worked on without a pause, and whoever ends the run, the master and systemd want to be heard meanwhile.
    if (performance.now() - turnedAt > TURN_EVERY_MS) {
      await turn()
      turnedAt = performance.now()
    }
    for (const outcome of await settleBatch(batch, pass))
      run.tell({ kind: 'outcome', outcome, done: pass.outcomes.size, total: pass.total })
  }
  await takeBack(last, leaving, all, pass, (some) => settleAll(some, pass))
  return {
    outcomes: [...pass.outcomes.values()],
    owed: pass.owed,
    held: leaving.held,
    ms: Math.round(performance.now() - started),
  }
}

const NOTHING_LEAVES: Leaving = { entries: [], held: null, undo: null }

async function settleAll(resources: readonly Resource[], pass: Pass): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const batch of batches(resources, pass)) outcomes.push(...(await settleBatch(batch, pass)))
  return outcomes
}

async function settleBatch(batch: readonly Resource[], pass: Pass): Promise<Outcome[]> {
  const outcomes = pass.signal?.aborted
    ? batch.map((resource) => skip(resource, null, pass))
    : await settle(batch, pass)
  for (const outcome of outcomes) pass.outcomes.set(outcome.id, outcome)
  return outcomes
}

/** What leaves while it is paused leaves when its pause has ended. */
const unpaused = (leaving: Leaving, { paused }: Run): Leaving => ({
  ...leaving,
  entries: leaving.entries.filter(({ id }) => !paused?.has(id)),
})

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

async function settle(batch: readonly Resource[], pass: Pass): Promise<Outcome[]> {
  const looked: (Outcome | Due)[] = []
  for (const resource of batch) looked.push(await look(resource, pass))
  const due = looked.filter((one): one is Due => !('status' in one))
  if (due.length === 0) return looked as Outcome[]

  const done = (await settleDue(due, pass)).values()
  return looked.map((one) => ('status' in one ? one : (done.next().value as Outcome)))
}

/** The outcomes of what is due, in its order. */
async function settleDue(due: readonly Due[], pass: Pass): Promise<Outcome[]> {
  const started = performance.now()
  const planned = await plannedOf(due, pass).catch(failureOf)
  if (planned instanceof Failure && due.length > 1) return apart(due, pass)
  const pause = pauseOf(due, pass)
  if (pause !== undefined) return leave(due, planned, pause, pass)
  const stays = planned instanceof Failure ? stayingOf(due, planned, pass) : null
  if (stays !== null) return stays
  if (pass.mode === 'check') return show(due, planned, started, pass)
  if (planned instanceof Failure) return allFailed(due, planned, started)
  return effect(due, planned, started, pass)
}

/** What leaves and can't be planned stays as it is; `null`: that is to be told otherwise. */
function stayingOf(due: readonly Due[], failure: Failure, pass: Pass): Outcome[] | null {
  const stays = staysFor(failure)
  if (stays === null || due.some(({ resource: { id } }) => !pass.leaves.has(id))) return null
  // What changes before may make it possible.
  if (pass.mode === 'check' && causesOf(due, pass).length > 0) return null
  return due.map(({ resource: { id } }) => ({ id, status: 'settled', stays }))
}

/** One resource that can't be planned does not stop those that it was to be performed with. */
async function apart(due: readonly Due[], pass: Pass): Promise<Outcome[]> {
  const resources = due.map(({ resource }) => resource)
  const half = Math.ceil(resources.length / 2)
  const first = await settle(resources.slice(0, half), pass)
  return [...first, ...(await settle(resources.slice(half), pass))]
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

const allFailed = (due: readonly Due[], failure: Failure, started: number): Outcome[] =>
  due.map((one) => failed(one, failure, started))

const pauseOf = ([first]: readonly Due[], { paused }: Pass) => first && paused?.get(first.resource.id)

/** Shows what differs of a resource that is left alone: what comes later finds it as it is. */
function leave(due: readonly Due[], planned: Planned | Failure, paused: Pause, pass: Pass): Outcome[] {
  const isKnown = !(planned instanceof Failure)
  const work = isKnown ? planned : NOTHING
  const unknown = isKnown ? null : planned.message
  if (isKnown && planned.steps.length === 0)
    return due.map(({ resource: { id } }) => ({ id, status: 'settled' }))
  const after = causesOf(due, pass)
  return due.map((one) => ({ ...shown(one, workOf(one, due, work), after, unknown), paused }) as Outcome)
}

/** What a check does in place of performing: it shows the steps, and lets what comes later see their effect. */
async function show(
  due: readonly Due[],
  planned: Planned | Failure,
  started: number,
  pass: Pass,
): Promise<Outcome[]> {
  const [first] = due
  if (first === undefined) return []
  const { id } = first.resource
  const after = causesOf(due, pass)
  if (planned instanceof Failure) {
    if (after.length === 0) return allFailed(due, planned, started)
    // Nobody can say what a resource touches whose steps are not known.
    pass.uncertain.add(id, ['*'])
    return due.map((one) => shown(one, workOf(one, due, NOTHING), after, planned.message))
  }
  if (planned.steps.length === 0) return due.map(({ resource: { id } }) => ({ id, status: 'settled' }))
  try {
    for (const step of planned.steps) pass.uncertain.add(id, await pass.view.assume(step))
  } catch (thrown) {
    return allFailed(due, failureOf(thrown), started)
  }
  return due.map((one) => shown(one, workOf(one, due, planned), after, null))
}

/** What changes before, and may make a plan another one. */
function causesOf(due: readonly Due[], pass: Pass): readonly ResourceId[] {
  const [first] = due
  const keys = due.length === 1 && first !== undefined ? first.keys : due.flatMap((one) => one.keys)
  const before = pass.uncertain.before(keys)
  const doubtful = due.flatMap((one) => doubtfulCauses(one, pass))
  return doubtful.length === 0 ? before : [...new Set([...before, ...doubtful])]
}

// Each field by its name: for ten thousand of these, spreads were the costliest part of a plan.
const shown = (
  { resource: { id } }: Due,
  { changes, steps, with: other, previews }: Work,
  after: readonly ResourceId[],
  unknown: string | null,
): Outcome => ({ id, status: 'planned', changes, steps, with: other, previews, after, unknown })

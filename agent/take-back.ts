import { safeParse } from 'valibot'
import type { Resource, Trigger } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { Leaves, Outcome } from '../lib/outcome.ts'
import type { Former, Restoration } from '../lib/pre-image.ts'
import { type AnyState, pathsOf, type ResourceId } from '../lib/state.ts'
import { failed, failureOf } from './failures.ts'
import { causedBy, type Leaving, staysFor } from './leaving.ts'
import type { Pass } from './pass.ts'
import { isMoved } from './reactions.ts'
import type { Found } from './undo-log.ts'

/** Looks at, and settles, resources of which consecutive ones may be performed together. */
type SettleAll = (resources: readonly Resource[]) => Promise<Outcome[]>

/**
 * What is taken back before anything else is done, and what after it: while apt or dpkg is at work for somebody else, a
 * package waits, and so does what it needed.
 */
export function inTurn({ entries }: Leaving, { isDpkgBusy, states }: Pass): [Found[], Found[]] {
  const isBusy = entries.length > 0 && isDpkgBusy?.() === true
  const last: Found[] = []
  for (const entry of isBusy ? entries : []) {
    const isOfApt = states.get(typeOf(entry))?.gather !== undefined
    if (isOfApt || last.some(({ needs }) => needs.includes(entry.id))) last.push(entry)
  }
  return [entries.filter((entry) => !last.includes(entry)), last]
}

/** Takes back some of what leaves. Of what is done for an entry, the first outcome has its id. */
export async function takeBack(
  some: readonly Found[],
  { entries, undo }: Leaving,
  resources: readonly Resource[],
  pass: Pass,
  settleAll: SettleAll,
): Promise<void> {
  // As in nearly every run.
  if (some.length === 0) return
  const others = resources.filter(({ id }) => !pass.leaves.has(id))
  const claimed = claimedBy(others, pass)
  const declared = new Set(others.map(({ id }) => id))
  const settle = async (planned: readonly Planned[]) => {
    const due = planned.flatMap(({ resources }) => resources).filter(({ id }) => !declared.has(id))
    const outcomes = await settleAll(due)
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
    for (const one of planned) tell(one, byId, undo, pass)
  }
  const later: Planned[] = []
  for (const together of consecutive(some, pass)) {
    const now: Planned[] = []
    for (const entry of together) {
      const planned = await plannedFor(entry, entries, claimed, pass)
      if (planned.runsOn) later.push(planned)
      else now.push(planned)
    }
    await settle(now)
  }
  for (const entry of await bystanders(some, entries, declared, pass)) {
    const planned = await plannedFor(entry, entries, claimed, pass)
    if (planned.runsOn) later.push(planned)
  }
  const caused = causedBy(entries)
  await settle(later.map((one) => reacting(one, caused.get(one.entry.id) ?? [])))
}

const reacting = (planned: Planned, reactions: readonly Trigger[]): Planned => ({
  ...planned,
  resources: planned.resources.map((resource, i) => (i === 0 ? { ...resource, reactions } : resource)),
})

/**
 * What used to restart for something that leaves, is declared no more, and drover never changed: it stays as it is, and
 * is restarted once more.
 */
async function bystanders(
  some: readonly Found[],
  entries: readonly Found[],
  declared: ReadonlySet<ResourceId>,
  { states, view, outcomes, journal }: Pass,
): Promise<Found[]> {
  const found = new Map<ResourceId, Found>()
  for (const entry of some)
    for (const { id } of entry.reactors) {
      const isKnown = declared.has(id) || found.has(id) || entries.some((other) => other.id === id)
      const isCalled = isMoved(outcomes.get(entry.id)) || journal.debts(id).length > 0
      const bystander = { ...entry, id, onRemove: null, reactors: [], holdsSecret: false }
      const state = states.get(typeOf(bystander))
      const usual = state && safeParse(state.props, {})
      if (isKnown || !isCalled || state?.restore === undefined || !usual?.success) continue
      const props = usual.output as Record<string, unknown>
      const fields = await state.read(nameOf(bystander), props, view)
      const needs = state.requires?.(nameOf(bystander), props) ?? []
      const before = { fields, paths: [], cut: false }
      if (fields !== null) found.set(id, { ...bystander, props, needs, before })
    }
  return [...found.values()]
}

/** Those of one type that gathers its steps. */
function consecutive(entries: readonly Found[], { states }: Pass): Found[][] {
  const groups: Found[][] = []
  let last = ''
  for (const entry of entries) {
    const type = typeOf(entry)
    if (type === last && states.get(type)?.gather !== undefined) groups.at(-1)?.push(entry)
    else groups.push([entry])
    last = type
  }
  return groups
}

const typeOf = ({ id }: Found) => id.slice(0, id.indexOf(':'))
const idOf = ({ id }: Found) => id
const nameOf = ({ id }: Found) => id.slice(id.indexOf(':') + 1)

type Planned = {
  readonly entry: Found
  readonly resources: readonly Resource[]
  readonly stays: readonly string[]
  readonly runsOn: boolean
  readonly failure: Failure | null
}

async function plannedFor(
  entry: Found,
  entries: readonly Found[],
  claimed: ReadonlySet<string>,
  pass: Pass,
): Promise<Planned> {
  const none = { entry, resources: [], stays: [], runsOn: false, failure: null }
  if (entry.onRemove === 'keep') return { ...none, stays: ['it is kept, as its role said'] }
  const state = pass.states.get(typeOf(entry))
  if (state === undefined) return { ...none, failure: unknownType(entry) }
  if (state.restore === undefined) return { ...none, stays: ['what it did can not be taken back'] }
  const taken = pathsOf(state, nameOf(entry), entry.props).some((path) => claimed.has(path))
  if (taken && state.sharesPaths === undefined)
    return { ...none, stays: ['another resource is in its place now'] }
  try {
    const { back, stays, runsOn = false } = await restorationOf(entry, entries, state, claimed, pass)
    // Who needs it goes first.
    const needs = entries.filter((other) => other.needs.includes(entry.id)).map(({ id }) => id)
    const resources = back.map(({ type, name, props }, i): Resource => {
      const id: ResourceId = i === 0 ? entry.id : `${type}:${name}`
      return {
        ...BARE,
        id,
        type,
        name,
        props: propsOf(type, props, pass),
        needs: i === 0 ? needs : [entry.id],
      }
    })
    return { entry, resources, stays, runsOn, failure: null }
  } catch (thrown) {
    const failure = failureOf(thrown)
    const stays = staysFor(failure)
    return stays === null ? { ...none, failure } : { ...none, stays: [stays] }
  }
}

function propsOf(type: string, props: unknown, pass: Pass): Resource['props'] {
  const read = safeParse(stateOf(type, pass).props, props)
  if (read.success) return read.output as Resource['props']
  const why = read.issues.map(({ message }) => message).join('; ')
  throw new Failure('invalid', `how it was before can't be declared: ${why}`)
}

const unknownType = (entry: Found) =>
  new Failure('invalid', `this drover knows no state "${typeOf(entry)}"`, {
    about: entry.id,
    hint: 'bring drover on this host to the version of its master',
  })

const BARE = { reactions: [], timeoutMs: null, onRemove: null, tags: [], origins: [] }

function stateOf(type: string, { states }: Pass): AnyState {
  const state = states.get(type)
  if (state === undefined) throw new Error(`no state ${type} to put something back`)
  return state
}

async function restorationOf(
  entry: Found,
  entries: readonly Found[],
  state: AnyState,
  claimed: ReadonlySet<string>,
  { view, blobs }: Pass,
): Promise<Restoration> {
  const paths = entry.before.paths.filter(({ path }) => !claimed.has(path))
  // What is removed is removed whatever was there before.
  const isBare = entry.onRemove === 'remove'
  const former: Former<Record<string, never>> = {
    fields: isBare ? null : (entry.before.fields as Record<string, never> | null),
    paths: isBare ? paths.map(({ path }) => ({ path, was: null, sha256: null, unkept: null })) : paths,
    gone: entries.filter(({ id, before }) => entry.needs.includes(id) && before.fields === null).map(idOf),
    host: view,
    text(path) {
      const digest = entry.before.paths.find((image) => image.path === path)?.sha256
      return digest == null ? null : (blobs.get(digest)?.toString('utf8') ?? null)
    },
  }
  const restored = await state.restore?.(nameOf(entry), entry.props, former)
  return restored ?? { back: [], stays: [] }
}

/** Paths that belong to something that is declared. */
function claimedBy(resources: readonly Resource[], { states }: Pass): Set<string> {
  const paths = resources.flatMap(({ type, name, props }) => {
    const state = states.get(type)
    return state?.sharesPaths ? [] : pathsOf(state, name, props)
  })
  return new Set(paths)
}

/** Gives the outcomes their last words, and lets go of what is done. */
function tell(
  planned: Planned,
  outcomes: ReadonlyMap<ResourceId, Outcome>,
  undo: Leaving['undo'],
  pass: Pass,
): void {
  const { entry, resources, stays, failure } = planned
  const { id } = entry
  const leaves = leavesOf(entry, undo)
  const found = resources.flatMap((resource) => outcomes.get(resource.id) ?? [])
  const own: Outcome[] =
    failure !== null
      ? [
          failed(
            { resource: { ...BARE, id, type: '', name: '', props: {}, needs: [] }, changes: [] },
            failure,
            performance.now(),
          ),
        ]
      : found.length > 0
        ? found
        : [{ id, status: 'settled' }]
  for (const [i, outcome] of own.entries()) {
    const said = [...(i === 0 ? stays : []), ...(outcome.stays === undefined ? [] : [outcome.stays])]
    const told = { ...outcome, leaves, ...(said.length > 0 && { stays: said.join('; ') }) }
    pass.outcomes.set(told.id, told)
    pass.tell({
      kind: 'outcome',
      outcome: told,
      done: pass.outcomes.size,
      total: Math.max(pass.total, pass.outcomes.size),
    })
  }
  const isDone = own.every(({ status }) => status === 'settled' || status === 'changed')
  // What is undone stays drover's own as long as a role declares it.
  if (isDone && undo === null && pass.mode === 'apply') pass.ledger.release(id)
}

function leavesOf({ id, claims: [claim], onRemove, holdsSecret }: Found, undo: Leaving['undo']): Leaves {
  const way = onRemove === 'remove' || onRemove === 'quarantine' ? onRemove : 'restore'
  const also = undo?.get(id) ?? []
  return {
    ...{ how: undo === null ? way : 'undo', role: claim?.role ?? '', place: claim?.place ?? '', holdsSecret },
    ...(also.length > 0 && { also }),
  }
}

import { safeParse } from 'valibot'
import { type Catalog, order, type Resource, type Trigger } from '../lib/catalog.ts'
import { count } from '../lib/count.ts'
import { Failure } from '../lib/failure.ts'
import type { Host } from '../lib/host.ts'
import type { Held, Leaves, Outcome } from '../lib/outcome.ts'
import type { Former, Restoration } from '../lib/pre-image.ts'
import { type AnyState, pathsOf, type ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { failed, failureOf } from './failures.ts'
import type { Entry } from './ledger-entry.ts'
import type { Pass } from './pass.ts'
import { isMoved } from './reactions.ts'

/** What no role declares any more, of what drover made or changed here. */
export type Leaving = {
  /** In the order in which they are taken back: what needs another goes before it. */
  readonly entries: readonly Entry[]
  /** Why none of them is; `entries` is then empty. */
  readonly held: Held | null
}

/** Whose ledger entries a catalog may take back. */
export const ownerOf = ({ site, host }: Pick<Catalog, 'site' | 'host'>) => `${site.name}/${host}`

/** Which entries leave with this catalog. Those of another site or host are none of its business. */
export function leavingOf(entries: readonly Entry[], catalog: Catalog): Leaving {
  const declared = new Set(catalog.resources.map(({ id }) => id))
  const left = entries.filter(({ id, owner }) => !declared.has(id) && owner === ownerOf(catalog))
  const held = left.length === 0 ? null : heldBack(left, catalog)
  return { entries: held === null ? reversed(left) : [], held }
}

function heldBack(left: readonly Entry[], { resources, roles, maxRemovals }: Catalog): Held | null {
  const going = left.filter(({ onRemove }) => onRemove !== 'keep').length
  const stay = `${count(going, 'resource')} that no role declares any more`
  if (resources.length === 0 && roles.length > 0) {
    return {
      reason: `${stay} stay: the catalog is empty, though this host has roles (${roles.join(', ')})`,
      hint: 'see why they declare nothing; to have all taken back, take the roles from the host',
    }
  }
  if (going <= maxRemovals) return null
  return {
    reason: `${stay} stay: at most ${maxRemovals} are taken back at once`,
    hint: 'look at "drover owned"; if it is meant, raise limits.removals_per_host in drover.yaml',
  }
}

function reversed(left: readonly Entry[]): Entry[] {
  try {
    return order(left.map((entry) => ({ ...entry, reactions: [] }))).reverse()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // They never stood in one catalog, and need each other in a circle.
    return left.toSorted((a, b) => b.since - a.since)
  }
}

/** The restarts and reloads that something which leaves used to cause, by whose they are. */
export function causedBy({ entries }: Leaving): ReadonlyMap<ResourceId, readonly Trigger[]> {
  const causes = new Map<ResourceId, readonly Trigger[]>()
  for (const { id: on, reactors } of entries)
    for (const { id, reaction } of reactors) causes.set(id, [...(causes.get(id) ?? []), { reaction, on }])
  return causes
}

/** With the restarts and reloads that something else causes than what is declared. */
export function withReactions(
  resources: readonly Resource[],
  caused: ReadonlyMap<ResourceId, readonly Trigger[]>,
): readonly Resource[] {
  if (caused.size === 0) return resources
  return resources.map((resource) => {
    const more = caused.get(resource.id)
    return more === undefined ? resource : { ...resource, reactions: [...resource.reactions, ...more] }
  })
}

/** Looks at, and settles, resources of which consecutive ones may be performed together. */
type SettleAll = (resources: readonly Resource[]) => Promise<Outcome[]>

/**
 * What is taken back before anything else is done, and what after it: while apt or dpkg is at work for somebody else, a
 * package waits, and so does what it needed.
 */
export function inTurn({ entries }: Leaving, { isDpkgBusy, states }: Pass): [Entry[], Entry[]] {
  const isBusy = entries.length > 0 && isDpkgBusy?.() === true
  const last: Entry[] = []
  for (const entry of isBusy ? entries : []) {
    const isOfApt = states.get(typeOf(entry))?.gather !== undefined
    if (isOfApt || last.some(({ needs }) => needs.includes(entry.id))) last.push(entry)
  }
  return [entries.filter((entry) => !last.includes(entry)), last]
}

/** Takes back some of what leaves. Of what is done for an entry, the first outcome has its id. */
export async function takeBack(
  some: readonly Entry[],
  { entries }: Leaving,
  resources: readonly Resource[],
  pass: Pass,
  settleAll: SettleAll,
): Promise<void> {
  // As in nearly every run.
  if (some.length === 0) return
  const claimed = claimedBy(resources, pass)
  const declared = new Set(resources.map(({ id }) => id))
  const settle = async (planned: readonly Planned[]) => {
    const due = planned.flatMap(({ resources }) => resources).filter(({ id }) => !declared.has(id))
    const outcomes = await settleAll(due)
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
    for (const one of planned) tell(one, byId, pass)
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
  const caused = causedBy({ entries, held: null })
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
  some: readonly Entry[],
  entries: readonly Entry[],
  declared: ReadonlySet<ResourceId>,
  { states, view, outcomes, journal }: Pass,
): Promise<Entry[]> {
  const found = new Map<ResourceId, Entry>()
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
function consecutive(entries: readonly Entry[], { states }: Pass): Entry[][] {
  const groups: Entry[][] = []
  let last = ''
  for (const entry of entries) {
    const type = typeOf(entry)
    if (type === last && states.get(type)?.gather !== undefined) groups.at(-1)?.push(entry)
    else groups.push([entry])
    last = type
  }
  return groups
}

const typeOf = ({ id }: Entry) => id.slice(0, id.indexOf(':'))
const idOf = ({ id }: Entry) => id
const nameOf = ({ id }: Entry) => id.slice(id.indexOf(':') + 1)

type Planned = {
  readonly entry: Entry
  readonly resources: readonly Resource[]
  readonly stays: readonly string[]
  readonly runsOn: boolean
  readonly failure: Failure | null
}

async function plannedFor(
  entry: Entry,
  entries: readonly Entry[],
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

const unknownType = (entry: Entry) =>
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
  entry: Entry,
  entries: readonly Entry[],
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
function tell(planned: Planned, outcomes: ReadonlyMap<ResourceId, Outcome>, pass: Pass): void {
  const { entry, resources, stays, failure } = planned
  const [claim] = entry.claims
  const how = entry.onRemove === 'remove' || entry.onRemove === 'quarantine' ? entry.onRemove : 'restore'
  const { id, holdsSecret } = entry
  const leaves: Leaves = { how, role: claim?.role ?? '', place: claim?.place ?? '', holdsSecret }
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
  if (isDone && pass.mode === 'apply') pass.ledger.release(id)
}

/** What can't be planned for something that leaves stays; what may be another thing in a while is tried again. */
export const staysFor = ({ code, message, about }: Failure): string | null =>
  code === 'unavailable' || code === 'internal' || code === 'timeout'
    ? null
    : about !== undefined && !message.includes(about)
      ? `${about}: ${message}`
      : message

/** The steps with what they would remove or replace moved to the quarantine before. */
export async function setAside(id: ResourceId, steps: readonly Step[], host: Host): Promise<Step[]> {
  const all: Step[] = []
  for (const step of steps) {
    const replaces = step.do === 'remove' || step.do === 'write' || step.do === 'link'
    if (replaces && (await host.stat(step.path)) !== null) all.push({ do: 'quarantine', path: step.path, id })
    if (step.do !== 'remove') all.push(step)
  }
  return all
}

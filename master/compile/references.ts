import { type Catalog, order, type Resource, type Trigger } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { marksWithin } from '../../lib/secret-mark.ts'
import { type AnyState, type Declared, pathsOf, type Reaction, type ResourceId } from '../../lib/state.ts'
import type { Diagnostics } from '../site/diagnostics.ts'
import { meant } from '../site/nearest.ts'
import { shorten } from '../site/tree.ts'
import { refuseRemovedAccounts } from './accounts.ts'
import type { States } from './declare.ts'
import type { Omitted, Reference } from './declared.ts'
import type { Merged } from './merge.ts'

type Props = Readonly<Record<string, unknown>>

/** A declaration whose props were checked; `null` props had mistakes. */
export type Checked = { readonly one: Merged; readonly props: Props | null }

/** Resources with their edges, in the order in which they are settled. */
export function connect(
  checked: readonly Checked[],
  omitted: readonly Omitted[],
  states: States,
  marks: ReadonlyMap<string, readonly string[]>,
  found: Diagnostics,
): Resource[] {
  const known = new Set<ResourceId>(checked.map(({ one }) => one.id))
  const left = new Set<ResourceId>(omitted.map(({ id }) => id))
  const resolve = ({ id, place }: Reference): ResourceId[] => {
    if (known.has(id)) return [id]
    if (!left.has(id)) unknownResource({ id, place }, known, found)
    return []
  }
  const reactions = reactionsOf(checked, states, resolve, found)
  const all = checked.map(({ one: { type, name }, props }) => ({
    type,
    name: name ?? '',
    props: props ?? {},
    paths: props === null ? [] : pathsOf(states.get(type), name ?? '', props),
  }))
  const resources = checked.flatMap(({ one, props }) => {
    const needs = one.needs.flatMap(resolve)
    const state = states.get(one.type)
    if (state === undefined) return []
    return [
      resourceOf(one, props, state, { needs, all, known, marks, reactions: reactions.get(one.id) ?? [] }),
    ]
  })
  refuseRemovedAccounts(checked, found)
  return ordered(resources, checked, found)
}

type Around = {
  readonly needs: readonly ResourceId[]
  readonly reactions: readonly Trigger[]
  readonly known: ReadonlySet<ResourceId>
  readonly all: readonly Declared[]
  readonly marks: ReadonlyMap<string, readonly string[]>
}

function resourceOf(
  one: Merged,
  props: Props | null,
  state: AnyState,
  { needs, reactions, known, all, marks }: Around,
): Resource {
  const { id, type, timeoutMs, onRemove, tags } = one
  const name = one.name ?? ''
  // With mistakes in its props it keeps its declared edges, so that a cycle shows all the same.
  const implied =
    props === null ? [] : (state.requires?.(name, props) ?? []).flatMap((wanted) => knownAs(wanted, known))
  const sensitive = Object.keys(state.sensitive ?? {}).flatMap((key) => marksWithin(props?.[key]))
  const secrets = [...new Set([...sensitive, ...(marks.get(String(props?.sha256)) ?? [])])].sort()
  return {
    id,
    type,
    name,
    props: props === null ? {} : (state.complete?.(name, props, all) ?? props),
    needs: [...new Set([...needs, ...implied])].filter((other) => other !== id),
    reactions,
    timeoutMs,
    onRemove,
    tags,
    origins: one.from.map(({ role, place: { file, line, column } }) => ({ role, file, line, column })),
    ...(secrets.length > 0 && { secrets }),
  }
}

function knownAs(wanted: ResourceId, known: ReadonlySet<ResourceId>): ResourceId[] {
  if (!wanted.endsWith('*')) return known.has(wanted) ? [wanted] : []
  return [...known].filter((id) => id.startsWith(wanted.slice(0, -1)))
}

function unknownResource({ id, place }: Reference, known: ReadonlySet<ResourceId>, found: Diagnostics): void {
  found.error('E_UNKNOWN_RESOURCE', place, `no resource of this host is ${shorten(id)}`, {
    hint: meant(id, known) ?? 'declare it, or include the role that does',
  })
}

/** `restart_on: x` on R and `restarts: R` on x say the same: R restarts when x changes. */
function reactionsOf(
  checked: readonly Checked[],
  states: States,
  resolve: (reference: Reference) => ResourceId[],
  found: Diagnostics,
): Map<ResourceId, Trigger[]> {
  const reactions = new Map<ResourceId, Trigger[]>()
  const add = (target: ResourceId, reaction: Reaction, on: ResourceId): void => {
    const triggers = reactions.get(target) ?? []
    const there = triggers.some((trigger) => trigger.reaction === reaction && trigger.on === on)
    if (!there && on !== target) triggers.push({ reaction, on })
    reactions.set(target, triggers)
  }
  const able = (target: ResourceId, reaction: Reaction, from: Reference): boolean => {
    const state = states.get(target.slice(0, target.indexOf(':')))
    const reacts = state === undefined || (state.reacts?.includes(reaction) ?? false)
    if (!reacts) noReaction(target, reaction, from, states, found)
    return reacts
  }
  const causes = checked.flatMap(({ one }) => one.causes.map((cause) => ({ ...cause, id: one.id })))
  for (const { id, reaction, on } of causes) {
    const known = resolve(on)
    if (able(id, reaction, on)) for (const cause of known) add(id, reaction, cause)
  }
  const effects = checked.flatMap(({ one }) => one.effects.map((effect) => ({ ...effect, id: one.id })))
  for (const { id, reaction, target } of effects) {
    for (const other of resolve(target)) if (able(other, reaction, target)) add(other, reaction, id)
  }
  return reactions
}

function noReaction(
  target: ResourceId,
  reaction: Reaction,
  { place }: Reference,
  states: States,
  found: Diagnostics,
): void {
  const type = target.slice(0, target.indexOf(':'))
  const able = [...states.values()]
    .filter((state) => state.reacts?.includes(reaction))
    .map((state) => state.type)
  found.error(
    'E_REACTION',
    place,
    `${shorten(target)} can't ${reaction}: a ${type} has nothing that ${reaction}s`,
    {
      allowed: able.sort().join(', ') || null,
      hint: 'aim it at what runs, such as a service',
    },
  )
}

/** Each cycle is reported and broken, so that the next one shows. */
function ordered(resources: Resource[], checked: readonly Checked[], found: Diagnostics): Resource[] {
  let left = resources
  for (let round = 0; round < MAX_CYCLES; round += 1) {
    try {
      return order(left)
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      const about = checked.find(({ one }) => one.id === thrown.about)?.one
      const place = about?.place ?? { file: '.', line: 1, column: 1 }
      found.error('E_DEP_CYCLE', place, thrown.message, { hint: thrown.hint ?? null })
      left = left.filter(({ id }) => id !== thrown.about)
    }
  }
  return left
}

const MAX_CYCLES = 20

/** The blobs that resources name, by hash, with their sizes; in the order of their hashes. */
export function blobSizes(blobs: ReadonlyMap<string, Buffer>): Catalog['blobs'] {
  return Object.fromEntries([...blobs.keys()].sort().map((hash) => [hash, blobs.get(hash)?.length ?? 0]))
}

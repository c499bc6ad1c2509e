import { type Catalog, order, type Resource, type Trigger } from '../lib/catalog.ts'
import { count } from '../lib/count.ts'
import { Failure } from '../lib/failure.ts'
import type { Host } from '../lib/host.ts'
import type { Held } from '../lib/outcome.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import type { Entry } from './ledger-entry.ts'
import type { Found } from './undo-log.ts'

/** What is taken back: of what drover made or changed here, what no role declares any more; or what one run changed. */
export type Leaving = {
  /** In the order in which they are taken back: what needs another goes before it. */
  readonly entries: readonly Found[]
  /** Why none of them is; `entries` is then empty. */
  readonly held: Held | null
  /** Of an undo: later runs that changed each of them too. */
  readonly undo: ReadonlyMap<ResourceId, readonly string[]> | null
}

/** Whose ledger entries a catalog may take back. */
export const ownerOf = ({ site, host }: Pick<Catalog, 'site' | 'host'>) => `${site.name}/${host}`

/** Which entries leave with this catalog. Those of another site or host are none of its business. */
export function leavingOf(entries: readonly Entry[], catalog: Catalog): Leaving {
  const declared = new Set(catalog.resources.map(({ id }) => id))
  const left = entries.filter(({ id, owner }) => !declared.has(id) && owner === ownerOf(catalog))
  const held = left.length === 0 ? null : heldBack(left, catalog)
  return { entries: held === null ? reversed(left) : [], held, undo: null }
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
export function causedBy(entries: readonly Found[]): ReadonlyMap<ResourceId, readonly Trigger[]> {
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

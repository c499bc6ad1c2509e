import { Failure } from './failure.ts'
import type { Reaction, ResourceId } from './state.ts'

/** Where a declaration stands in the site. Line and column count from 1. */
export type Origin = {
  readonly role: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One declared thing: a state, a name, props. */
export type Resource = {
  readonly id: ResourceId
  readonly type: string
  readonly name: string
  /** As the state's `props` schema gives them, defaults filled in. */
  readonly props: Readonly<Record<string, unknown>>
  /** Declared and implied. What is not in the catalog was left out by its `when`. */
  readonly needs: readonly ResourceId[]
  readonly reactions: readonly Trigger[]
  /** Milliseconds for its steps together, `null` for each step's own deadline. */
  readonly timeoutMs: number | null
  readonly onRemove: 'restore' | 'remove' | 'keep' | 'quarantine' | null
  readonly tags: readonly string[]
  /** One for each role that declares it. */
  readonly origins: readonly Origin[]
}

/** `on` changes, therefore this resource restarts or reloads. */
export type Trigger = { readonly reaction: Reaction; readonly on: ResourceId }

/** What one host should be. Its JSON text is what is hashed, stored and sent. */
export type Catalog = {
  readonly format: 1
  readonly host: string
  readonly site: { readonly name: string; readonly commit: string | null }
  /** In the order in which they are settled. */
  readonly resources: readonly Resource[]
  /** What `when` left out, so that nobody wonders. */
  readonly omitted: readonly { readonly id: ResourceId; readonly when: string; readonly origin: Origin }[]
  readonly checks: readonly Readonly<Record<string, unknown>>[]
  readonly exports: Readonly<Record<string, unknown>>
  /** Bytes by sha256 that the resources name. */
  readonly blobs: Readonly<Record<string, number>>
}

/**
 * Resources in an order that settles each one after all it needs.
 *
 * Stable: resources that do not need each other keep the order in which they were declared, so two
 * runs of one catalog read alike. Throws `Failure('invalid')` that names a shortest cycle from end to end.
 */
export function order<R extends Pick<Resource, 'id' | 'needs' | 'reactions'>>(resources: readonly R[]): R[] {
  const byId = new Map(resources.map((resource) => [resource.id, resource]))
  const before = (resource: R): R[] => {
    const found: R[] = []
    const add = (id: ResourceId) => {
      const one = byId.get(id)
      if (one !== undefined) found.push(one)
    }
    for (const id of resource.needs) add(id)
    for (const { on } of resource.reactions) add(on)
    return found
  }

  const ordered = new Set<R>()
  const open = new Set<R>()
  // A stack of our own: a chain of ten thousand needs would exhaust the engine's.
  const stack: { resource: R; rest: R[] }[] = []
  const enter = (resource: R): void => {
    if (ordered.has(resource)) return
    if (open.has(resource)) throw cycle(resource, before)
    const rest = before(resource)
    if (rest.length === 0) {
      ordered.add(resource)
      return
    }
    open.add(resource)
    stack.push({ resource, rest: rest.reverse() })
  }
  for (const first of resources) {
    enter(first)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) {
        enter(next)
        continue
      }
      stack.pop()
      open.delete(top.resource)
      ordered.add(top.resource)
    }
  }
  return [...ordered]
}

/** Breadth first from one member of a cycle back to itself finds the shortest one through it. */
function cycle<R extends Pick<Resource, 'id'>>(start: R, before: (resource: R) => readonly R[]): Failure {
  const from = new Map<R, R>()
  const queue = [start]
  for (const resource of queue) {
    for (const next of before(resource)) {
      if (next === start) return cycleFailure(start, resource, from)
      if (from.has(next)) continue
      from.set(next, resource)
      queue.push(next)
    }
  }
  throw new Error(`${start.id} is in no cycle`)
}

function cycleFailure<R extends Pick<Resource, 'id'>>(start: R, last: R, from: ReadonlyMap<R, R>): Failure {
  const ids = [start.id]
  for (let at: R | undefined = last; at !== undefined && at !== start; at = from.get(at)) ids.unshift(at.id)
  ids.unshift(start.id)
  return new Failure('invalid', `cycle: ${ids.join(' needs ')}`, {
    about: start.id,
    hint: 'take one of these needs out',
  })
}

/** The bytes of a catalog's blobs by sha256. */
export type Blobs = ReadonlyMap<string, Buffer>

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
  /** Names of the secrets that it holds marks of, in its content or props. */
  readonly secrets?: readonly string[]
}

/** `on` changes, therefore this resource restarts or reloads. */
export type Trigger = { readonly reaction: Reaction; readonly on: ResourceId }

/** What one host should be. Its JSON text is what is hashed, stored and sent. */
export type Catalog = {
  readonly format: 1
  readonly host: string
  /** Without its commit: what is equal at two commits is one catalog. */
  readonly site: { readonly name: string }
  /** All that the host has, those without resources too. */
  readonly roles: readonly string[]
  /** How many resources may be taken back at once, of those that no role declares any more. */
  readonly maxRemovals: number
  /** In the order in which they are settled. */
  readonly resources: readonly Resource[]
  /** What `when` left out, so that nobody wonders. */
  readonly omitted: readonly { readonly id: ResourceId; readonly when: string; readonly origin: Origin }[]
  readonly checks: readonly Readonly<Record<string, unknown>>[]
  readonly exports: Readonly<Record<string, unknown>>
  /** Bytes by sha256 that the resources name. */
  readonly blobs: Readonly<Record<string, number>>
  /** Versions of the secrets that the resources hold marks of, by name. */
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * Resources in an order that settles each one after all it needs.
 *
 * Stable: resources that do not need each other keep the order in which they were declared, so two
 * runs of one catalog read alike. Throws `Failure('invalid')` that names a shortest cycle from end to end.
 */
export function order<R extends Pick<Resource, 'id' | 'needs' | 'reactions'>>(resources: readonly R[]): R[] {
  const before = predecessors(resources)
  const states = new Uint8Array(resources.length)
  const ordered: R[] = []
  const leave = (node: number): void => {
    states[node] = DONE
    ordered.push(resources[node] as R)
  }
  // A stack of our own: a chain of ten thousand needs would exhaust the engine's.
  const stack: { node: number; rest: number[] }[] = []
  const enter = (node: number): void => {
    if (states[node] === DONE) return
    if (states[node] === OPEN) throw cycle(resources, node, before)
    const rest = before(node).filter((other) => states[other] !== DONE)
    if (rest.length === 0) leave(node)
    else {
      states[node] = OPEN
      stack.push({ node, rest: rest.reverse() })
    }
  }
  for (let first = 0; first < resources.length; first += 1) {
    enter(first)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) {
        enter(next)
        continue
      }
      stack.pop()
      leave(top.node)
    }
  }
  return ordered
}

const OPEN = 1
const DONE = 2

/** What comes before each resource, all by their places in the list: numbers are compared and kept faster. */
function predecessors(resources: readonly Pick<Resource, 'id' | 'needs' | 'reactions'>[]) {
  const nodes = new Map(resources.map(({ id }, node) => [id, node]))
  return (node: number): number[] => {
    const found: number[] = []
    const add = (id: ResourceId) => {
      const other = nodes.get(id)
      if (other !== undefined) found.push(other)
    }
    const { needs = [], reactions = [] } = resources[node] ?? {}
    for (const id of needs) add(id)
    for (const { on } of reactions) add(on)
    return found
  }
}

/** Breadth first from one member of a cycle back to itself finds the shortest one through it. */
function cycle(
  resources: readonly Pick<Resource, 'id'>[],
  start: number,
  before: (node: number) => readonly number[],
): Failure {
  const from = new Map<number, number>()
  const queue = [start]
  for (const node of queue) {
    for (const next of before(node)) {
      if (next === start) return cycleFailure(resources, start, node, from)
      if (from.has(next)) continue
      from.set(next, node)
      queue.push(next)
    }
  }
  throw new Error(`${resources[start]?.id} is in no cycle`)
}

function cycleFailure(
  resources: readonly Pick<Resource, 'id'>[],
  start: number,
  last: number,
  from: ReadonlyMap<number, number>,
): Failure {
  const nodes = [start]
  for (let at: number | undefined = last; at !== undefined && at !== start; at = from.get(at))
    nodes.unshift(at)
  nodes.unshift(start)
  const ids = nodes.map((node) => resources[node]?.id ?? '')
  return new Failure('invalid', `cycle: ${ids.join(' needs ')}`, {
    about: ids[0] ?? '',
    hint: 'take one of these needs out',
  })
}

/** The bytes of a catalog's blobs by sha256. */
export type Blobs = ReadonlyMap<string, Buffer>

/** Bytes by sha256, of a catalog and of what was there before it. */
export type Content = Pick<Blobs, 'get'>

import { type Key, overlaps } from '../lib/host.ts'
import type { ResourceId } from '../lib/state.ts'

/** What planned steps may change beyond what is known of them, and whose steps they are. */
export interface Uncertain {
  add(id: ResourceId, keys: readonly Key[]): void
  /** The resources whose planned steps may change something of what was read as `keys`, in their order. */
  before(keys: Iterable<Key>): readonly ResourceId[]
}

/** Looks exact keys up and walks through patterns alone: a catalog has thousands of the first and few of the second. */
export function uncertain(): Uncertain {
  // Most keys are those of one resource.
  const exact = new Map<Key, ResourceId | readonly ResourceId[]>()
  const patterns: { key: Key; id: ResourceId }[] = []
  const order = new Map<ResourceId, number>()

  const matches = (key: Key): readonly ResourceId[] => {
    const named = key.endsWith('*')
      ? [...exact].flatMap(([other, ids]) => (overlaps(key, other) ? listOf(ids) : []))
      : listOf(exact.get(key))
    if (patterns.length === 0) return named
    return [...named, ...patterns.filter((pattern) => overlaps(pattern.key, key)).map(({ id }) => id)]
  }

  return {
    add(id, keys) {
      if (!order.has(id)) order.set(id, order.size)
      for (const key of keys) {
        const ids = exact.get(key)
        if (key.endsWith('*')) patterns.push({ key, id })
        else exact.set(key, ids === undefined ? id : [...listOf(ids), id])
      }
    },
    before(keys) {
      const found: ResourceId[] = []
      for (const key of keys) for (const id of matches(key)) found.push(id)
      if (found.length === 0) return NOBODY
      return [...new Set(found)].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    },
  }
}

const NOBODY: readonly ResourceId[] = []

const listOf = (ids: ResourceId | readonly ResourceId[] | undefined): readonly ResourceId[] =>
  ids === undefined ? NOBODY : typeof ids === 'string' ? [ids] : ids

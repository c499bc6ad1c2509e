import type { Catalog } from '../../lib/catalog.ts'
import { VOLATILE_TIMES, VOLATILE_WITHIN_MS } from '../../lib/limits.ts'
import type { Facts } from '../compile/compile.ts'
import type { CompiledHost } from '../compile/compile-worker.ts'
import { numberOf } from './removals.ts'

/** A host whose catalog changes again and again, though nobody changes its site. */
export type Volatile = {
  readonly host: string
  readonly times: number
  readonly since: number
  /** What keeps changing, such as `facts.network.ipv4`, the most frequent first. */
  readonly facts: readonly string[]
  /** Resources that changed with it. */
  readonly resources: readonly string[]
}

type Known = {
  /** When its catalog changed, the newest last. */
  at: number[]
  readonly facts: Map<string, number>
  readonly resources: Set<string>
  /** What the last catalog declares: of each resource a number for its id and one for the rest, in memory for all. */
  declared: Uint32Array | null
}

const MAX_NAMED = 10
const MAX_FACTS = 100

/**
 * Counts, since the start of the master, how often hosts got another catalog because of facts alone and not of the site:
 * templates have no clock and no chance, so nothing else makes a render another one.
 */
export class Volatility {
  readonly #hosts = new Map<string, Known>()

  /** A host has another catalog, since these facts changed. */
  note(
    host: string,
    { at, facts, bytes }: { at: number; facts: readonly string[]; bytes: Uint8Array },
  ): void {
    const known = this.#hosts.get(host) ?? { at: [], facts: new Map(), resources: new Set(), declared: null }
    known.at = [...known.at, at].slice(-VOLATILE_TIMES)
    for (const path of facts)
      if (known.facts.has(path) || known.facts.size < MAX_FACTS)
        known.facts.set(path, (known.facts.get(path) ?? 0) + 1)
    const { resources } = JSON.parse(Buffer.from(bytes).toString()) as Catalog
    const declared = Uint32Array.from(
      resources.flatMap((resource) => [numberOf(resource.id), numberOf(JSON.stringify(resource))]),
    )
    const before = known.declared && pairsIn(known.declared)
    for (const [i, { id }] of resources.entries())
      if (
        before !== null &&
        before.get(declared[2 * i]) !== declared[2 * i + 1] &&
        known.resources.size < MAX_NAMED
      )
        known.resources.add(id)
    known.declared = declared
    this.#hosts.set(host, known)
  }

  list(now: number): Volatile[] {
    const byName = [...this.#hosts].sort(([one], [other]) => (one < other ? -1 : 1))
    return byName.flatMap(([host, { at, facts, resources }]) => {
      const [since = 0] = at
      if (at.length < VOLATILE_TIMES || now - since > VOLATILE_WITHIN_MS) return []
      const often = [...facts].sort(([, one], [, other]) => other - one).map(([path]) => path)
      const named = { facts: often.slice(0, MAX_NAMED), resources: [...resources].slice(0, MAX_NAMED) }
      return [{ host, times: at.length, since, ...named }]
    })
  }

  /** Its site or its roles changed, which may have mended it. */
  forget(host: string): void {
    this.#hosts.delete(host)
  }
}

/** The number of the rest by that of the id. */
function pairsIn(declared: Uint32Array): Map<number | undefined, number | undefined> {
  const ids = declared.filter((_, i) => i % 2 === 0)
  return new Map(Array.from(ids, (id, i) => [id, declared[2 * i + 1]]))
}

/** Paths of the values that two sets of facts have otherwise, such as `network.ipv4`; lists are values. */
export function changedFacts(before: Facts, after: Facts): string[] {
  const changed: string[] = []
  const compare = (one: unknown, other: unknown, path: string) => {
    if (!isMap(one) || !isMap(other)) {
      if (JSON.stringify(one) !== JSON.stringify(other)) changed.push(path)
      return
    }
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
      compare(one[key], other[key], path === '' ? key : `${path}.${key}`)
  }
  compare(before, after, '')
  return changed.slice(0, MAX_FACTS)
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether who reads these paths reads a value; the empty path stands for all. */
const isRead = (path: string, reads: readonly string[]) =>
  reads.some((read) => read === '' || `${path}.`.startsWith(`${read}.`) || `${read}.`.startsWith(`${path}.`))

/** Facts that changed, by host. */
export type Moved = ReadonlyMap<string, readonly string[]>

/** What a host's catalog was made anew for: its own facts, or what it sees of others. */
export function causesOf(
  host: string,
  { facts, seesFleet }: Pick<CompiledHost, 'facts' | 'seesFleet'>,
  moved: Moved,
): string[] {
  const own = (moved.get(host) ?? []).filter((path) => isRead(path, facts)).map((path) => `facts.${path}`)
  if (own.length > 0 || !seesFleet) return own
  return [...moved].flatMap(([other, paths]) => paths.map((path) => `facts.${path} of ${other}`))
}

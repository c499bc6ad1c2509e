import type { Catalog } from '../../lib/catalog.ts'
import type { HostCatalog } from './host-catalog.ts'

/** What a catalog takes back, before its host has seen it. The host looks for itself, by its ledger. */

export type Removals = {
  /** The ids of its resources, each as a number: those of thousands of hosts are kept in memory. */
  readonly ids: Uint32Array<ArrayBuffer>
  /** It has roles, and nothing comes of them. */
  readonly isEmpty: boolean
  /** How many resources may be taken back at once. */
  readonly max: number
}

export function removalsOf({ resources, roles, maxRemovals }: Catalog): Removals {
  return {
    ids: Uint32Array.from(resources, ({ id }) => numberOf(id)),
    isEmpty: roles.length > 0 && resources.length === 0,
    max: maxRemovals,
  }
}

/** FNV-1a. Two ids that meet make one removal too few, of a limit that is a round number. */
export function numberOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Why a catalog does not take the place of the one before; `null`: it does. */
function removalProblem(before: Uint32Array, { ids, isEmpty, max }: Removals): string | null {
  if (before.length === 0) return null
  if (isEmpty)
    return `the new catalog is empty, though the host has roles, and would take back ${before.length} resources`
  const there = new Set(ids)
  const gone = before.reduce((sum, id) => sum + (there.has(id) ? 0 : 1), 0)
  if (gone <= max) return null
  return `the new catalog would take back ${gone} of ${before.length} resources, and at most ${max} are taken back at once; if it is meant, raise limits.removals_per_host in drover.yaml`
}

/** Keeps a host from a catalog that takes back more than is meant at once. */
export class RemovalBound {
  /** Ids of what each host's catalog declares, as far as they were needed. */
  readonly #ids = new Map<string, Uint32Array>()
  readonly #bytesOf: (sha256: string) => Promise<Buffer | null>

  constructor(bytesOf: (sha256: string) => Promise<Buffer | null>) {
    this.#bytesOf = bytesOf
  }

  /** The host has this catalog now. */
  note(host: string, { ids }: Removals): void {
    this.#ids.set(host, ids)
  }

  /** Why the catalog that was made does not take the place of the one before. */
  async refused(
    { host, sha256 }: HostCatalog,
    made: { readonly sha256: string; readonly removals: Removals } | null,
  ): Promise<string | null> {
    if (made === null || sha256 === null || made.sha256 === sha256) return null
    const known = this.#ids.get(host) ?? (await this.#idsOf(host, sha256))
    return known && removalProblem(known, made.removals)
  }

  /** What was made before this master was started is read once. */
  async #idsOf(host: string, sha256: string): Promise<Uint32Array | null> {
    const bytes = await this.#bytesOf(sha256)
    if (bytes === null) return null
    const { ids } = removalsOf(JSON.parse(bytes.toString()))
    this.#ids.set(host, ids)
    return ids
  }
}

import type { Catalog } from '../../lib/catalog.ts'
import type { RecentBodies } from '../store/recent-bodies.ts'

// A few hundred kilobytes each; hosts of one role share none, so the newest few are enough for a burst of reports.
const KEPT = 32

/** For each resource of a catalog, where it is declared: "role  file:line". */
export class Origins {
  readonly #bodies: Pick<RecentBodies, 'get'>
  readonly #kept = new Map<string, Readonly<Record<string, string>>>()

  constructor(bodies: Pick<RecentBodies, 'get'>) {
    this.#bodies = bodies
  }

  /** Empty for a catalog that is not known, or no more. */
  async of(catalogSha256: string | null): Promise<Readonly<Record<string, string>>> {
    if (catalogSha256 === null) return {}
    const kept = this.#kept.get(catalogSha256)
    if (kept !== undefined) return kept
    const bytes = await this.#bodies.get(catalogSha256)
    if (bytes === null) return {}
    const { resources } = JSON.parse(bytes.toString()) as Catalog
    const text = resources.map(({ id, origins }) => {
      return [id, origins.map(({ role, file, line }) => `${role}  ${file}:${line}`).join(', ')] as const
    })
    const origins = Object.fromEntries(text)
    this.#kept.set(catalogSha256, origins)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return origins
  }
}

/** Those of resources that a report's body speaks of, as operators get them: JSON. */
export function mentioned(origins: Readonly<Record<string, string>>, body: Uint8Array | undefined): Buffer {
  if (body === undefined || body.length === 0) return Buffer.from('{}')
  const { outcomes = [] } = JSON.parse(Buffer.from(body).toString()) as {
    outcomes?: readonly { id: string }[]
  }
  const places = outcomes.flatMap(({ id }) => (Object.hasOwn(origins, id) ? [[id, origins[id]]] : []))
  return Buffer.from(JSON.stringify(Object.fromEntries(places)))
}

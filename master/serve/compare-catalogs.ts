import type { Catalog, Resource } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { MAX_DIFF_BYTES } from '../../lib/limits.ts'
import type { CompareCatalogsRequest__Output } from '../../proto/gen/drover/v1/CompareCatalogsRequest.ts'
import type { CompareCatalogsResponse } from '../../proto/gen/drover/v1/CompareCatalogsResponse.ts'
import type { HostAt__Output } from '../../proto/gen/drover/v1/HostAt.ts'
import type { ResourcePair } from '../../proto/gen/drover/v1/ResourcePair.ts'
import type { RunRow } from '../store/tables.ts'
import { joinedHost } from './host-rows.ts'
import { runRow } from './run-rows.ts'
import type { Serving } from './serving.ts'

type Applied = { readonly run: RunRow; readonly catalog: Catalog }

/** What the catalogs of two applies declare differently, in the order of the later one; what it lacks comes last. */
export async function* compareCatalogs(
  serving: Serving,
  { from, to }: CompareCatalogsRequest__Output,
): AsyncGenerator<CompareCatalogsResponse> {
  if (from === null || to === null) throw new Failure('invalid', 'two catalogs are compared, each of a host')
  const [before, after] = await Promise.all([appliedCatalog(serving, from), appliedCatalog(serving, to)])
  yield { runs: { from: runRow(before.run, from.host), to: runRow(after.run, to.host) } }
  const olds = new Map(before.catalog.resources.map((resource) => [resource.id, resource]))
  const news = new Set(after.catalog.resources.map(({ id }) => id))
  const pairs = [
    ...after.catalog.resources.map((resource) => [olds.get(resource.id), resource] as const),
    ...before.catalog.resources.filter(({ id }) => !news.has(id)).map((old) => [old, undefined] as const),
  ]
  for (const [old, now] of pairs) {
    const secrets = otherSecrets(now, before.catalog, after.catalog)
    if (secrets.length === 0 && declared(old) === declared(now)) continue
    const content = await contentOf(serving, [old, before.catalog], [now, after.catalog])
    yield { pair: { id: (now ?? old)?.id ?? '', from: jsonOf(old), to: jsonOf(now), secrets, ...content } }
  }
}

/** What a host had applied last by then. */
async function appliedCatalog(serving: Serving, { host, at }: HostAt__Output): Promise<Applied> {
  const { store, bodies, now } = serving
  const { row } = await joinedHost(serving, host)
  const run = await store.runs.applied({ hostId: row.id, at: at === 0 ? now() : at })
  if (run === undefined || run.catalog_sha256 === null) {
    throw new Failure('not-found', `no apply of this host is known${at === 0 ? '' : ' until then'}`, {
      about: host,
      hint: `see "drover runs ${host}"`,
    })
  }
  const bytes = await bodies.get(run.catalog_sha256)
  if (bytes === null) {
    throw new Failure('not-found', 'the catalog that it had then is kept no more', {
      about: host,
      hint: 'a catalog is kept for some time after another one replaced it: "bodies_days" in master.yaml',
    })
  }
  return { run, catalog: JSON.parse(bytes.toString()) as Catalog }
}

/** All that is declared of a resource, where ever that stands. */
const declared = (resource: Resource | undefined) =>
  resource === undefined ? '' : JSON.stringify({ ...resource, origins: null })

const jsonOf = (resource: Resource | undefined) =>
  Buffer.from(resource === undefined ? '' : JSON.stringify(resource))

function otherSecrets(resource: Resource | undefined, before: Catalog, after: Catalog): string[] {
  const names = resource?.secrets ?? []
  return names.filter((name) => name in before.secrets && before.secrets[name] !== after.secrets[name])
}

type Side = readonly [resource: Resource | undefined, catalog: Catalog]

/** The texts of a resource that has content, where they differ and can be compared. */
async function contentOf(
  { bodies }: Serving,
  ...sides: readonly [Side, Side]
): Promise<Partial<ResourcePair>> {
  const [from, to] = sides.map(([resource]) => (resource?.props as { sha256?: unknown } | undefined)?.sha256)
  // What goes is named, and not shown.
  if (from === to || typeof to !== 'string') return {}
  const sizes = [from, to].map((hash, i) => sizeOf(hash, sides[i]?.[1]))
  if (Math.max(...sizes) > MAX_DIFF_BYTES)
    return { content_note: `too large for a diff: ${sizes.join(' -> ')} bytes` }
  const texts = await Promise.all(
    [from, to].map((hash) => (typeof hash === 'string' ? bodies.get(hash) : Buffer.alloc(0))),
  )
  const [from_content = null, to_content = null] = texts
  if (from_content === null || to_content === null) return { content_note: 'what it held is kept no more' }
  return { from_content, to_content }
}

const sizeOf = (hash: unknown, catalog: Catalog | undefined) =>
  typeof hash === 'string' ? (catalog?.blobs[hash] ?? 0) : 0

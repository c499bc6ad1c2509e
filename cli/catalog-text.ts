import type { Catalog, Origin, Resource } from '../lib/catalog.ts'
import { count } from '../lib/count.ts'
import type { WorkTree } from '../master/site/commit.ts'
import type { Line } from './print.ts'
import { fieldText, isContent, someOf, valueText } from './value-text.ts'

// Ids that are shorter leave their origins in one column.
const ID_COLUMN = 44

/** A catalog in its order, with what each resource waits for and where it is declared. */
export function catalogLines(catalog: Catalog, tree: WorkTree | null, wide: boolean): Line[] {
  const { host, site, resources, omitted, blobs } = catalog
  const bytes = Object.values(blobs).reduce((sum, size) => sum + size, 0)
  return [
    [
      ['bold', `${host}: ${count(resources.length, 'resource')}`],
      `, site ${site.name}, ${commitText(tree)}, ${bytes} bytes of content`,
    ],
    [],
    ...resources.flatMap((resource) => [
      headLine(resource),
      ...(wide ? detailLines(resource) : edgeLines(resource)),
    ]),
    ...(omitted.length === 0 ? [] : [[], [['bold', 'Left out by their "when":'] as const]]),
    ...omitted.map(({ id, when, origin }): Line => [`  ${id}  `, ['dim', `${when}  ${placeText(origin)}`]]),
  ]
}

function commitText(tree: WorkTree | null): string {
  if (tree === null) return 'no commit'
  return `commit ${tree.head.slice(0, 12)}${tree.clean ? '' : ' and changes that are not committed'}`
}

function headLine({ id, origins }: Resource): Line {
  const places = origins.map((origin) => `${origin.role}  ${placeText(origin)}`)
  return [id, ' '.repeat(Math.max(2, ID_COLUMN - id.length)), ['dim', someOf(places)]]
}

export const placeText = ({ file, line }: Pick<Origin, 'file' | 'line'>) => `${file}:${line}`

function edgeLines({ needs, reactions }: Resource): Line[] {
  return [
    ...(needs.length === 0 ? [] : [[['dim', `    needs ${someOf(needs)}`] as const]]),
    ...reactions.map(({ reaction, on }): Line => [['dim', `    ${reaction}s when ${on} changes`]]),
  ]
}

/** Everything that is declared of a resource. */
export function detailLines(resource: Resource): Line[] {
  const { props, needs, reactions, timeoutMs, onRemove, tags } = resource
  const texts = Object.entries(props).map(
    ([prop, value]): Line => [
      `    ${prop === 'sha256' ? fieldText(prop) : prop}: `,
      isContent({ field: prop, from: null, to: value }) ? `sha256 ${value}` : valueText(value),
    ],
  )
  return [
    ...texts,
    ...(needs.length === 0 ? [] : [[['dim', `    needs ${needs.join(', ')}`] as const]]),
    ...edgeLines({ ...resource, needs: [], reactions }),
    ...(timeoutMs === null ? [] : [[['dim', `    at most ${timeoutMs} ms`] as const]]),
    ...(onRemove === null ? [] : [[['dim', `    when no role declares it any more: ${onRemove}`] as const]]),
    ...(tags.length === 0 ? [] : [[['dim', `    tags ${tags.join(', ')}`] as const]]),
  ]
}

/** One resource with all that is known of it: where it comes from, what it waits for, what waits for it. */
export function resourceLines(resource: Resource, catalog: Catalog): Line[] {
  const { id } = resource
  const needed = catalog.resources.filter(({ needs }) => needs.includes(id)).map((one) => one.id)
  const reacting = catalog.resources.flatMap(({ id: other, reactions }) =>
    reactions.filter(({ on }) => on === id).map(({ reaction }) => `${reaction}s ${other}`),
  )
  return [
    headLine(resource),
    ...detailLines(resource),
    ...(needed.length === 0 ? [] : [[['dim', `    needed by ${needed.join(', ')}`] as const]]),
    ...reacting.map((text): Line => [['dim', `    ${text}`]]),
  ]
}

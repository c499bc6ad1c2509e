import { layersFor } from '../site/data.ts'
import type { Place } from '../site/diagnostics.ts'
import type { Site } from '../site/read.ts'
import type { MapNode, Plain, YamlNode } from '../site/tree.ts'
import { entry, plain } from '../site/tree.ts'
import { hostData } from './role-scope.ts'

/** What one layer says about a key. */
export type LayerValue = {
  /** `common`, `environment/staging`, `group/south`, `host/web1` or `vars`. */
  readonly layer: string
  readonly value: Plain
  readonly place: Place
}

/** A value without parts, and where it comes from. */
export type Leaf = { readonly path: string; readonly value: Plain; readonly place: Place }

export type Explanation = {
  readonly key: string
  /** Weakest first. Of plain values and lists the last one wins; maps are merged. */
  readonly layers: readonly LayerValue[]
  /** `undefined` when no layer says anything. */
  readonly value: Plain | undefined
  /** The outcome, part by part. */
  readonly leaves: readonly Leaf[]
}

/** Where the value of `data.KEY` comes from for a host; `null` when the site has no such host. */
export function explain(site: Site, hostName: string, key: string): Explanation | null {
  const host = site.hosts.get(hostName)
  if (host === undefined) return null
  const path = key
    .replace(/^data(?:\.|$)/, '')
    .split('.')
    .filter((part) => part !== '')
  const layers = layersFor(host, site.data).flatMap(({ name, map }) => {
    const node = find(map, path)
    return node === null ? [] : [{ layer: name, value: plain(node), place: placeOf(node) }]
  })
  const merged = find(hostData(host, site).data, path)
  const value = merged === null ? undefined : plain(merged)
  return { key, layers, value, leaves: merged === null ? [] : leavesOf(merged, path.join('.')) }
}

function find(map: MapNode, path: readonly string[]): YamlNode | null {
  let node: YamlNode | null = map
  for (const key of path) node = node?.kind === 'map' ? (entry(node, key)?.value ?? null) : null
  return node
}

const placeOf = ({ file, line, column }: Place): Place => ({ file, line, column })

function leavesOf(node: YamlNode, path: string): Leaf[] {
  if (node.kind !== 'map') return [{ path, value: plain(node), place: placeOf(node) }]
  return node.entries.flatMap(({ key, value }) => leavesOf(value, path === '' ? key : `${path}.${key}`))
}

import type { Diagnostics } from './diagnostics.ts'
import type { SiteFolder } from './folder.ts'
import type { HostDeclaration } from './hosts.ts'
import { meant } from './nearest.ts'
import type { MapEntry, MapNode, YamlNode } from './tree.ts'
import { asMap } from './tree.ts'

/** Layers by name: `common`, `environment/staging`, `group/south`, `host/web1`. */
export type DataLayers = ReadonlyMap<string, MapNode>

const KINDS = ['environment', 'group', 'host'] as const

export type Parse = (path: string) => Promise<YamlNode | null>

export async function readData(folder: SiteFolder, parse: Parse, found: Diagnostics): Promise<DataLayers> {
  const layers = new Map<string, MapNode>()
  for (const layer of dataFiles(folder, found)) {
    const tree = await parse(`data/${layer}.yaml`)
    const map = tree && asMap(tree, `data/${layer}.yaml`, found)
    if (map) layers.set(layer, map)
  }
  return layers
}

function dataFiles(folder: SiteFolder, found: Diagnostics): string[] {
  const layers: string[] = []
  for (const name of folder.names('data')) {
    if (name === 'common.yaml') layers.push('common')
    else if ((KINDS as readonly string[]).includes(name)) layers.push(...layersOf(name, folder, found))
    else unread(`data/${name}`, ['common.yaml', ...KINDS], name, folder, found)
  }
  return layers
}

function layersOf(kind: string, folder: SiteFolder, found: Diagnostics): string[] {
  return folder.names(`data/${kind}`).flatMap((name) => {
    if (name.endsWith('.yaml')) return [`${kind}/${name.slice(0, -'.yaml'.length)}`]
    unread(`data/${kind}/${name}`, [`${name.replace(/\.yml$/, '')}.yaml`], name, folder, found)
    return []
  })
}

function unread(path: string, known: string[], name: string, folder: SiteFolder, found: Diagnostics): void {
  found.warning('E_UNUSED_FILE', folder.place(path), `${path} is read by nothing`, {
    allowed: 'data/common.yaml, data/environment/*.yaml, data/group/*.yaml, data/host/*.yaml',
    hint: meant(name, known),
  })
}

/** The layers of one host, weakest first: common, environment, groups in their order, host, vars. */
export function layersFor(host: HostDeclaration, layers: DataLayers): { name: string; map: MapNode }[] {
  const names = [
    'common',
    `environment/${host.environment}`,
    ...host.groups.map((group) => `group/${group}`),
    `host/${host.name}`,
  ]
  const chosen = names.flatMap((name) => {
    const map = layers.get(name)
    return map === undefined ? [] : [{ name, map }]
  })
  return host.vars === null ? chosen : [...chosen, { name: 'vars', map: host.vars }]
}

const EMPTY: MapNode = { kind: 'map', file: '', line: 1, column: 1, entries: [] }

/** Maps are merged key by key, anything else is replaced; each value keeps the place it comes from. */
export function mergeLayers(maps: readonly MapNode[]): MapNode {
  const [first = EMPTY, ...rest] = maps
  return rest.reduce(mergeMaps, first)
}

function mergeMaps(under: MapNode, over: MapNode): MapNode {
  const merged = new Map<string, MapEntry>(under.entries.map((entry) => [entry.key, entry]))
  for (const entry of over.entries) {
    const below = merged.get(entry.key)
    const both = below?.value.kind === 'map' && entry.value.kind === 'map'
    merged.set(
      entry.key,
      both ? { ...entry, value: mergeMaps(below.value as MapNode, entry.value as MapNode) } : entry,
    )
  }
  return { ...over, entries: [...merged.values()] }
}

import type { Catalog } from '../lib/catalog.ts'
import type { AnyState, ResourceId, Watch } from '../lib/state.ts'

/** Where something is heard of resources: by path, by what comes and goes in a directory, by unit. */
export type Places = {
  readonly paths: ReadonlyMap<string, readonly ResourceId[]>
  readonly inside: ReadonlyMap<string, readonly ResourceId[]>
  readonly units: ReadonlyMap<string, readonly ResourceId[]>
  /** Those that apt and dpkg disturb in passing. */
  readonly ofPackages: ReadonlySet<ResourceId>
  /** Files of file systems that tell of no change, which are looked at all the time. */
  readonly polled: ReadonlyMap<string, readonly ResourceId[]>
  /** By type: of how many resources something is heard, how many are polled, and how many are left to the sweep. */
  readonly types: ReadonlyMap<string, Readonly<Record<Hearing, number>>>
}

export type Hearing = 'heard' | 'polled' | 'swept'

// systemd keeps a link for each unit that runs, with its invocation for a target.
const RUNNING = '/run/systemd/units/invocation:'
/** Where people and packages keep units, and the links that enable them. */
export const UNIT_DIR = '/etc/systemd/system'
const UNIT_DIRS = [UNIT_DIR, '/run/systemd/system', '/usr/lib/systemd/system']
const DPKG_DIR = '/var/lib/dpkg/'
// No file system that tells of what changes in it.
const SILENT = /^\/(proc|sys)\//

/** What the resources of a catalog name as the places where drift is heard. */
export function placesOf(
  { resources }: Pick<Catalog, 'resources'>,
  states: ReadonlyMap<string, AnyState>,
): Places {
  const paths = new Map<string, ResourceId[]>()
  const inside = new Map<string, ResourceId[]>()
  const units = new Map<string, ResourceId[]>()
  const polled = new Map<string, ResourceId[]>()
  const ofPackages = new Set<ResourceId>()
  const types = new Map<string, Record<Hearing, number>>()
  for (const { id, type, name, props } of resources) {
    const all = states.get(type)?.watches?.(name, props) ?? []
    const watches = all.filter((watch) => !isSilent(watch))
    for (const path of all.filter(isSilent).flatMap(pathsOf)) add(polled, path, id)
    const counts = types.get(type) ?? { heard: 0, polled: 0, swept: 0 }
    counts[hearingOf(all)] += 1
    types.set(type, counts)
    if (watches.some(isOfPackages)) ofPackages.add(id)
    for (const path of watches.flatMap(pathsOf)) add(paths, path, id)
    for (const directory of watches.flatMap(directoriesOf)) add(inside, directory, id)
    for (const unit of watches.flatMap(unitsOf)) add(units, unit, id)
  }
  return { paths, inside, units, ofPackages, polled, types }
}

function hearingOf(watches: readonly Watch[]): Hearing {
  if (watches.length === 0) return 'swept'
  return watches.some(isSilent) ? 'polled' : 'heard'
}

const isSilent = (watch: Watch) => 'path' in watch && SILENT.test(watch.path)
const isOfPackages = (watch: Watch) => 'unit' in watch || ('path' in watch && watch.path.startsWith(DPKG_DIR))

const unitsOf = (watch: Watch): string[] => ('unit' in watch ? [watch.unit] : [])

function pathsOf(watch: Watch): string[] {
  if ('path' in watch) return [watch.path]
  if ('directory' in watch) return []
  return [`${RUNNING}${watch.unit}`, ...UNIT_DIRS.map((dir) => `${dir}/${watch.unit}`)]
}

function directoriesOf(watch: Watch): string[] {
  if ('directory' in watch) return [watch.directory]
  return 'unit' in watch ? [`${UNIT_DIR}/${watch.unit}.d`] : []
}

function add(map: Map<string, ResourceId[]>, place: string, id: ResourceId): void {
  const ids = map.get(place)
  if (ids === undefined) map.set(place, [id])
  else ids.push(id)
}

import { posix } from 'node:path'
import type { Resource } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import { partsOf } from '../lib/names.ts'
import { type AnyState, pathsOf, type ResourceId } from '../lib/state.ts'
import type { RealDirectories } from './real-directory.ts'

/** Finds two resources that are one thing on this host, because a link leads from one path to the other. */
export type Aliases = {
  /** Refuses a resource that another one of the catalog manages by another path. */
  refuse(resource: Resource, state: AnyState): Promise<void>
}

/** Only a resource below a link costs more than a look into a map. */
export function aliases(resources: readonly Resource[], directories: RealDirectories): Aliases {
  const declared = new Set(resources.map(({ id }) => id))
  /** Those below links, by what they would be called without. */
  const below = new Map<ResourceId, ResourceId>()
  return {
    async refuse({ id, type, name, props }, state) {
      const { path } = name.startsWith('/') ? partsOf(name) : { path: null }
      if (path === null) return
      const directory = posix.dirname(path)
      const real = directories.known(directory) ?? (await directories.find(directory))
      if (real === directory || !pathsOf(state, name, props).includes(path)) return
      const same: ResourceId = `${type}:${posix.join(real, name.slice(directory.length))}`
      const other = declared.has(same) ? same : (below.get(same) ?? id)
      if (other !== id) throw oneThing(id, other, directory, real)
      below.set(same, id)
    },
  }
}

const oneThing = (id: ResourceId, other: ResourceId, directory: string, real: string) =>
  new Failure('conflict', `${id} and ${other} are the same: ${directory} leads to ${real}`, {
    about: id,
    hint: `declare it once, as ${other}`,
  })

import type { Diagnostics, Place } from './diagnostics.ts'
import type { SiteFile } from './folder.ts'
import type { Named } from './hosts.ts'
import { checkIdentifier } from './identifiers.ts'
import { knownEntries } from './keys.ts'
import type { ParamDeclaration } from './params.ts'
import { readParams } from './params.ts'
import type { ResourceDeclaration } from './resource.ts'
import { readResource } from './resource.ts'
import type { MapEntry, MapNode, YamlNode } from './tree.ts'
import { asList, asMap, asString, asStrings } from './tree.ts'

/** What a `role.yaml` says, with the files beside it. */
export type Role = {
  readonly name: string
  readonly place: Place
  readonly shipped: boolean
  /** The file `role.yaml`, `null` in a role that was not read from one. */
  readonly source: SiteFile | null
  readonly description: string | null
  readonly includes: readonly Named[]
  readonly params: readonly ParamDeclaration[]
  readonly resources: readonly ResourceDeclaration[]
  readonly checks: readonly MapNode[]
  readonly exports: readonly MapEntry[]
  /** By their path in `templates/`. */
  readonly templates: ReadonlyMap<string, SiteFile>
  /** By their path in `files/`. */
  readonly files: ReadonlyMap<string, SiteFile>
}

export type RoleBody = Omit<Role, 'name' | 'place' | 'shipped' | 'source' | 'templates' | 'files'>

const KEYS = ['description', 'includes', 'params', 'resources', 'checks', 'exports'] as const

export function readRole(tree: YamlNode, found: Diagnostics): RoleBody {
  const map = asMap(tree, 'a role', found)
  const entries = map ? knownEntries(map, KEYS, 'a role', found) : {}
  const list = (entry: MapEntry | undefined) =>
    entry ? (asList(entry.value, entry.key, found)?.items ?? []) : []
  return {
    description: entries.description ? asString(entries.description.value, 'description', found) : null,
    includes: entries.includes ? readIncludes(entries.includes, found) : [],
    params: entries.params ? readParams(entries.params.value, found) : [],
    resources: list(entries.resources).flatMap((node) => readResource(node, found) ?? []),
    checks: list(entries.checks).flatMap((node) => asMap(node, 'a check', found) ?? []),
    exports: entries.exports ? readExports(entries.exports, found) : [],
  }
}

function readIncludes(entry: MapEntry, found: Diagnostics): Named[] {
  return asStrings(entry.value, 'a role', found).flatMap(({ text, node }) => {
    if (escapes(text)) {
      found.error('E_PATH_ESCAPE', node, `"${text}" leads out of roles/`, {
        hint: 'a role is included by its name alone, such as "nginx"',
      })
      return []
    }
    return checkIdentifier('role', text, node, found) ? [{ name: text, place: node }] : []
  })
}

/** Whether a path is absolute or climbs. */
export const escapes = (path: string) => path.startsWith('/') || path.split('/').includes('..')

function readExports(entry: MapEntry, found: Diagnostics): MapEntry[] {
  const map = asMap(entry.value, 'exports', found)
  return (map?.entries ?? []).filter(({ key, place }) => checkIdentifier('variable', key, place, found))
}

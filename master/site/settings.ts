import type { Diagnostics, Place } from './diagnostics.ts'
import { checkIdentifier } from './identifiers.ts'
import { knownEntries } from './keys.ts'
import type { Limits } from './limits.ts'
import { readLimits, USUAL_LIMITS } from './limits.ts'
import { meant } from './nearest.ts'
import type { MapEntry, YamlNode } from './tree.ts'
import { asMap, asString, asStrings } from './tree.ts'

export type Environment = {
  readonly name: string
  /** Which commits of the site it follows; at most one of the three. */
  readonly follows: { readonly by: 'branch' | 'tag' | 'commit'; readonly value: string } | null
}

/** What `drover.yaml` says. */
export type Settings = {
  readonly name: string
  readonly description: string | null
  readonly environments: ReadonlyMap<string, Environment>
  /** For hosts that name none. */
  readonly defaultEnvironment: string
  /** Roles that every host has, before its own. */
  readonly defaultRoles: readonly { readonly name: string; readonly place: Place }[]
  /** `site-only`: roles can't be assigned on the master. */
  readonly assignments: 'master' | 'site-only'
  readonly limits: Limits
}

export const NO_SETTINGS: Settings = {
  name: 'site',
  description: null,
  environments: new Map(),
  defaultEnvironment: 'production',
  defaultRoles: [],
  assignments: 'master',
  limits: USUAL_LIMITS,
}

export function readSettings(tree: YamlNode, found: Diagnostics): Settings {
  const map = asMap(tree, 'drover.yaml', found)
  if (map === null) return NO_SETTINGS
  const keys = ['name', 'description', 'environments', 'defaults', 'assignments', 'limits'] as const
  const entries = knownEntries(map, keys, 'drover.yaml', found)
  const environments = readEnvironments(entries.environments, found)
  const name = siteName(entries.name, map, found)
  const description = entries.description ? asString(entries.description.value, 'description', found) : null
  const assignments = readAssignments(entries.assignments, found)
  const limits = readLimits(entries.limits, found)
  return {
    name,
    description,
    environments,
    assignments,
    limits,
    ...readDefaults(entries.defaults, environments, found),
  }
}

function siteName(entry: MapEntry | undefined, at: Place, found: Diagnostics): string {
  if (entry === undefined) {
    found.error('E_REQUIRED', at, 'drover.yaml must give the site a name', {
      hint: 'add a line such as "name: example"',
    })
    return NO_SETTINGS.name
  }
  const name = asString(entry.value, 'name', found)
  return name !== null && checkIdentifier('site', name, entry.value, found) ? name : NO_SETTINGS.name
}

function readEnvironments(entry: MapEntry | undefined, found: Diagnostics): Map<string, Environment> {
  const environments = new Map<string, Environment>()
  const map = entry && asMap(entry.value, 'environments', found)
  for (const { key, place, value } of map?.entries ?? []) {
    if (!checkIdentifier('environment', key, place, found)) continue
    environments.set(key, { name: key, follows: readFollows(key, value, found) })
  }
  return environments
}

function readFollows(name: string, node: YamlNode, found: Diagnostics): Environment['follows'] {
  if (node.kind === 'scalar' && node.value === null) return null
  const map = asMap(node, `environment ${name}`, found)
  if (map === null) return null
  const entries = knownEntries(map, ['branch', 'tag', 'commit'] as const, `environment ${name}`, found)
  const given = Object.values(entries)
  if (given.length > 1) {
    found.error(
      'E_CONFLICT',
      map,
      `environment ${name} follows a branch, a tag or a commit, and only one of them`,
    )
  }
  const [first] = given
  const value = first && asString(first.value, first.key, found)
  return first && value ? { by: first.key as 'branch' | 'tag' | 'commit', value } : null
}

function readDefaults(
  entry: MapEntry | undefined,
  environments: Settings['environments'],
  found: Diagnostics,
): Pick<Settings, 'defaultEnvironment' | 'defaultRoles'> {
  const map = entry && asMap(entry.value, 'defaults', found)
  const entries = map ? knownEntries(map, ['environment', 'roles'] as const, 'defaults', found) : {}
  const environment = environmentOf(entries.environment, environments, found)
  const roles = entries.roles ? asStrings(entries.roles.value, 'a role', found) : []
  return {
    defaultEnvironment: environment ?? NO_SETTINGS.defaultEnvironment,
    defaultRoles: roles.map(({ text, node }) => ({ name: text, place: node })),
  }
}

/** The name of an environment; any will do where `drover.yaml` declares none. */
export function environmentOf(
  entry: MapEntry | undefined,
  environments: Settings['environments'],
  found: Diagnostics,
): string | null {
  const name = entry && asString(entry.value, 'environment', found)
  if (!entry || !name) return null
  const known = [...environments.keys()]
  if (known.length > 0 && !known.includes(name)) {
    const message = `drover.yaml declares no environment "${name}"`
    const hint = meant(name, known)
    found.error('E_INVENTORY_ENVIRONMENT', entry.value, message, { allowed: known.join(', '), hint })
  } else checkIdentifier('environment', name, entry.value, found)
  return name
}

function readAssignments(entry: MapEntry | undefined, found: Diagnostics): Settings['assignments'] {
  const value = entry && asString(entry.value, 'assignments', found)
  if (entry && value && value !== 'master' && value !== 'site-only') {
    found.error('E_VALUE', entry.value, `assignments is "master" or "site-only", got "${value}"`, {
      allowed: 'master, site-only',
    })
  }
  return value === 'site-only' ? 'site-only' : 'master'
}

import type { Diagnostics, Place } from './diagnostics.ts'
import { checkIdentifier } from './identifiers.ts'
import { knownEntries } from './keys.ts'
import { raise } from './limits.ts'
import { expandRange, isRange } from './ranges.ts'
import { environmentOf, type Settings } from './settings.ts'
import type { MapEntry, MapNode, YamlNode } from './tree.ts'
import { asMap, asString, asStrings } from './tree.ts'

export type Named = { readonly name: string; readonly place: Place }

/** One host as the site declares it. */
export type HostDeclaration = {
  readonly name: string
  readonly place: Place
  readonly environment: string
  readonly groups: readonly string[]
  readonly address: string | null
  /** Those of `defaults` first. */
  readonly roles: readonly Named[]
  readonly vars: MapNode | null
}

const KEYS = ['roles', 'groups', 'address', 'environment', 'vars', 'description'] as const

/** Adds the hosts of one file. */
export function readHosts(
  tree: YamlNode,
  settings: Settings,
  hosts: Map<string, HostDeclaration>,
  found: Diagnostics,
): void {
  const top = asMap(tree, 'a hosts file', found)
  const entry = top && knownEntries(top, ['hosts'] as const, 'a hosts file', found).hosts
  if (!entry) {
    if (top) found.error('E_REQUIRED', top, 'a hosts file must have the key "hosts"')
    return
  }
  const empty = entry.value.kind === 'scalar' && entry.value.value === null
  const map = empty ? null : asMap(entry.value, 'hosts', found)
  for (const declared of map?.entries ?? []) {
    const body = readHost(declared, settings, found)
    for (const name of namesOf(declared, found)) {
      if (hosts.size >= settings.limits.hosts) {
        tooMany(declared, settings, found)
        return
      }
      addHost({ ...body, name, place: declared.place }, hosts, found)
    }
  }
}

function tooMany({ place }: MapEntry, { limits }: Settings, found: Diagnostics): void {
  const message = `the site has at most ${limits.hosts} hosts, and this is one more`
  found.error('E_LIMIT', place, message, { hint: raise('hosts', limits) })
}

function namesOf({ key, place }: MapEntry, found: Diagnostics): readonly string[] {
  const { names, problem } = isRange(key) ? expandRange(key) : { names: [key], problem: null }
  if (problem !== null) {
    found.error('E_INVENTORY_RANGE', place, problem)
    return []
  }
  return names.filter((name) => checkIdentifier('host', name, place, found))
}

function addHost(host: HostDeclaration, hosts: Map<string, HostDeclaration>, found: Diagnostics): void {
  const same = hosts.get(host.name.toLowerCase())
  if (same === undefined) {
    hosts.set(host.name.toLowerCase(), host)
    return
  }
  const where = `${same.place.file}:${same.place.line}`
  if (same.name === host.name) {
    found.error(
      'E_INVENTORY_DUPLICATE',
      host.place,
      `host ${host.name} is declared twice; first at ${where}`,
      {
        hint: 'take one of them out',
      },
    )
  } else {
    const message = `host ${host.name} differs from ${same.name} at ${where} in upper and lower case only`
    found.error('E_INVENTORY_CASE', host.place, message, {
      hint: 'names of hosts mean the same in either case',
    })
  }
}

type Body = Omit<HostDeclaration, 'name' | 'place'>

function readHost({ key, value }: MapEntry, settings: Settings, found: Diagnostics): Body {
  const nothing = value.kind === 'scalar' && value.value === null
  const map = nothing ? null : asMap(value, `host ${key}`, found)
  const entries = map ? knownEntries(map, KEYS, `host ${key}`, found) : {}
  const own = entries.roles ? asStrings(entries.roles.value, 'a role', found) : []
  const roles = [...settings.defaultRoles, ...own.map(({ text, node }) => ({ name: text, place: node }))]
  const vars = entries.vars ? asMap(entries.vars.value, 'vars', found) : null
  if (entries.description) asString(entries.description.value, 'description', found)
  return {
    environment: readEnvironment(entries.environment, settings, found),
    groups: readGroups(entries.groups, found),
    address: entries.address ? readAddress(entries.address, found) : null,
    roles,
    vars,
  }
}

function readEnvironment(entry: MapEntry | undefined, settings: Settings, found: Diagnostics): string {
  return environmentOf(entry, settings.environments, found) ?? settings.defaultEnvironment
}

function readGroups(entry: MapEntry | undefined, found: Diagnostics): string[] {
  const groups = entry ? asStrings(entry.value, 'a group', found) : []
  return groups
    .filter(({ text, node }) => checkIdentifier('group', text, node, found))
    .map(({ text }) => text)
}

function readAddress(entry: MapEntry, found: Diagnostics): string | null {
  const address = asString(entry.value, 'address', found)
  if (address === null || /^[0-9A-Za-z.:%_-]{1,253}$/.test(address)) return address
  found.error('E_VALUE', entry.value, `"${address}" is neither an IP address nor a name`)
  return null
}

import { sha256 } from '../../lib/sha256.ts'
import { Diagnostics } from '../site/diagnostics.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import type { Site } from '../site/read.ts'
import type { Role } from '../site/role.ts'
import { plain } from '../site/tree.ts'
import { closure } from './closure.ts'
import type { CompileOptions, Facts } from './compile.ts'
import { fleetOf } from './exports.ts'
import { type FleetRecord, hostRecord, namedBy } from './fleet.ts'
import { readsOf } from './reads.ts'
import { hostData } from './role-scope.ts'

/**
 * A digest of all that the catalog of a host is made of: what its roles hold, and of data, facts, fleet and secrets
 * what they may read. Where it is the same, so is the catalog.
 *
 * `version` is that of the compiler.
 */
export async function inputsOf(
  site: Site,
  host: HostDeclaration,
  facts: Facts,
  options: CompileOptions,
  version: string,
): Promise<string> {
  const assigned = options.assigned?.get(host.name) ?? []
  const found = new Diagnostics()
  const roles = closure(namedBy(host, assigned), site.roles, found)
  const reads = roles.map(readsOf)
  const data = hostData(host, site).dataValues
  const parts = [
    version,
    site.settings,
    hostRecord(host, site, assigned),
    host.vars === null ? null : plain(host.vars),
    found.sorted(),
    roles.map(digestOf),
    // A role's params stand in data under its name.
    roles.map(({ name }) => valueAt(data, name)),
    reads.flatMap((one) => [...one.data].sort().map((path) => [path, valueAt(data, path)])),
    reads.flatMap((one) => [...one.facts].sort().map((path) => [path, valueAt(facts, path)])),
    reads.flatMap((one) => [...one.secrets].sort().map((name) => versionsOf(site, name))),
    reads.some((one) => one.fleet) ? fleetDigest((await fleetOf(site, options)).records) : null,
  ]
  return sha256(JSON.stringify(parts, (_key, value) => (value instanceof Map ? [...value] : value)))
}

const roleDigests = new WeakMap<Role, string>()

/** Of everything in a role's folder. */
function digestOf(role: Role): string {
  let digest = roleDigests.get(role)
  if (digest === undefined) {
    const files = [...role.templates, ...role.files].map(([name, { path, sha256 }]) => [name, path, sha256])
    digest = sha256(JSON.stringify([role.name, role.place.file, role.source?.sha256 ?? null, files]))
    roleDigests.set(role, digest)
  }
  return digest
}

/** Of one secret, or of all. */
const versionsOf = ({ secrets }: Site, name: string) =>
  name === ''
    ? [...secrets.values()].map((one) => [one.name, one.version])
    : [name, secrets.get(name)?.version]

const fleetDigests = new WeakMap<readonly FleetRecord[], string>()

function fleetDigest(fleet: readonly FleetRecord[]): string {
  const digest = fleetDigests.get(fleet) ?? sha256(JSON.stringify(fleet))
  fleetDigests.set(fleet, digest)
  return digest
}

/**
 * What stands at a path of keys, or the last thing on the way that has no such key, behind how many keys were found:
 * what is not there and what is null differ to `is defined`.
 */
function valueAt(value: unknown, path: string): readonly [found: number, value: unknown] {
  let at = value
  let found = 0
  for (const key of path === '' ? [] : path.split('.')) {
    if (typeof at !== 'object' || at === null) break
    // Of a map that lacks the key nothing else is read.
    if (!Object.hasOwn(at, key)) return Array.isArray(at) ? [found, at] : [found, null]
    at = (at as Record<string, unknown>)[key]
    found += 1
  }
  return [found, at]
}

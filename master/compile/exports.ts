import { Diagnostics } from '../site/diagnostics.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import type { Site } from '../site/read.ts'
import { closure } from './closure.ts'
import type { CompileOptions, RoleScopes } from './compile.ts'
import { loadEngine } from './engine.ts'
import type { FleetRecord, HostRecord } from './fleet.ts'
import { hostRecord } from './fleet.ts'
import { needsEngine } from './mentions.ts'
import { hostData, roleScope } from './role-scope.ts'
import { FAILED } from './scope.ts'

/** What the roles of one host let others see. */
export function exportsOf(scopes: RoleScopes, found: Diagnostics): Readonly<Record<string, unknown>> {
  const exported: Record<string, unknown> = {}
  const origins = new Map<string, string>()
  for (const [role, scope] of scopes) {
    for (const { key, place, value } of role.exports) {
      const one = scope.value(value, {})
      if (one === FAILED) continue
      const other = origins.get(key)
      if (other !== undefined && JSON.stringify(exported[key]) !== JSON.stringify(one)) {
        const message = `roles ${other} and ${role.name} both export "${key}", and differ`
        found.error('E_CONFLICT', place, message, { hint: 'give one of them another name' })
        continue
      }
      exported[key] = one
      origins.set(key, role.name)
    }
  }
  return exported
}

const fleets = new WeakMap<Site, { options: CompileOptions; fleet: readonly FleetRecord[] }>()

/**
 * All hosts with what they export, computed once for a site and its options.
 *
 * An export that fails is missing from its host's record: using it is then an error where it is used, and compiling
 * that host says why. While exports are computed nobody's exports can be seen, so none can wait for another.
 */
export async function fleetOf(site: Site, options: CompileOptions): Promise<readonly FleetRecord[]> {
  const known = fleets.get(site)
  if (
    known !== undefined &&
    known.options.factsOf === options.factsOf &&
    known.options.assigned === options.assigned
  ) {
    return known.fleet
  }
  const hosts = [...site.hosts.values()]
  const bare = hosts.map((host) => hostRecord(host, site, options.assigned?.get(host.name) ?? []))
  const fleet: FleetRecord[] = []
  for (const [i, record] of bare.entries()) {
    const host = hosts[i]
    if (host !== undefined)
      fleet.push({ ...record, exports: await exportsOfHost(host, record, site, options, bare) })
  }
  fleets.set(site, { options, fleet })
  return fleet
}

async function exportsOfHost(
  host: HostDeclaration,
  record: HostRecord,
  site: Site,
  options: CompileOptions,
  bare: readonly HostRecord[],
): Promise<Readonly<Record<string, unknown>>> {
  const aside = new Diagnostics()
  const roles = closure(
    record.roles.map((role) => ({ name: role, place: host.place })),
    site.roles,
    aside,
  )
  const exporting = roles.filter((role) => role.exports.length > 0)
  if (exporting.some(needsEngine)) await loadEngine()
  const facts = options.factsOf?.(host.name) ?? {}
  const fleet = bare as readonly FleetRecord[]
  const { limits } = site.settings
  const context = { host, record, roles, facts, fleet, limits, ...hostData(host, site) }
  return exportsOf(
    exporting.map((role) => [role, roleScope(role, context, aside)] as const),
    aside,
  )
}

import { type Diagnostic, Diagnostics, type Place } from '../site/diagnostics.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import type { Site } from '../site/read.ts'
import type { Role } from '../site/role.ts'
import type { YamlNode } from '../site/tree.ts'
import { record } from '../site/tree.ts'
import { closure } from './closure.ts'
import type { CompileOptions, RoleScopes } from './compile.ts'
import { loadEngine } from './engine.ts'
import type { FleetRecord, HostRecord } from './fleet.ts'
import { hostRecord } from './fleet.ts'
import { needsEngine } from './mentions.ts'
import { codeIn } from './reads.ts'
import { hostData, roleScope } from './role-scope.ts'
import { FAILED } from './scope.ts'
import { keepsSecrets } from './secret-flow.ts'

/** What the roles of one host let others see. */
export function exportsOf(scopes: RoleScopes, found: Diagnostics): Readonly<Record<string, unknown>> {
  const exported = new Map<string, unknown>()
  const origins = new Map<string, string>()
  for (const [role, scope] of scopes) {
    for (const { key, place, value } of role.exports) {
      if (readsExports(value, role)) {
        circle(key, value, found)
        continue
      }
      const one = scope.value(value, {})
      if (one === FAILED || !keepsSecrets(one, value, `the export "${key}"`, found)) continue
      const other = origins.get(key)
      if (other !== undefined && JSON.stringify(exported.get(key)) !== JSON.stringify(one)) {
        const message = `roles ${other} and ${role.name} both export "${key}", and differ`
        found.error('E_CONFLICT', place, message, { hint: 'give one of them another name' })
        continue
      }
      exported.set(key, one)
      origins.set(key, role.name)
    }
  }
  return record(exported)
}

/** Whether an export reads what hosts export, itself or by the default of a param. */
function readsExports(value: YamlNode, { params }: Role): boolean {
  const code = codeIn(value).join('\n')
  const used = params.filter(({ name }) => new RegExp(`\\bparams\\b[\\s\\S]*\\b${name}\\b`).test(code))
  const defaults = used.flatMap(({ default: node }) => (node === null ? [] : codeIn(node)))
  return [code, ...defaults].some((text) => /\bexports\b/.test(text))
}

function circle(key: string, place: Place, found: Diagnostics): void {
  found.error(
    'E_EXPORT_CYCLE',
    place,
    `the export "${key}" reads what hosts export, which waits for itself`,
    {
      hint: 'export what it is made of, and put that together where it is used',
    },
  )
}

/** All hosts with what they export, and which exports could never be had. */
export type Fleet = { readonly records: readonly FleetRecord[]; readonly circles: readonly Diagnostic[] }

export const NO_FLEET: Fleet = { records: [], circles: [] }

const fleets = new WeakMap<Site, { options: CompileOptions; fleet: Fleet }>()

/**
 * All hosts with what they export, computed once for a site and its options.
 *
 * An export that fails is missing from its host's record: using it is then an error where it is used, and compiling
 * that host says why. An export that reads exports is refused, whether they could be had or not: while they are
 * computed nobody's can be seen.
 */
export async function fleetOf(site: Site, options: CompileOptions): Promise<Fleet> {
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
  const records: FleetRecord[] = []
  const aside = new Diagnostics()
  for (const [i, one] of bare.entries()) {
    const host = hosts[i]
    if (host !== undefined)
      records.push({ ...one, exports: await exportsOfHost(host, one, site, options, bare, aside) })
  }
  const fleet = { records, circles: aside.sorted().filter(({ code }) => code === 'E_EXPORT_CYCLE') }
  fleets.set(site, { options, fleet })
  return fleet
}

async function exportsOfHost(
  host: HostDeclaration,
  record: HostRecord,
  site: Site,
  options: CompileOptions,
  bare: readonly HostRecord[],
  aside: Diagnostics,
): Promise<Readonly<Record<string, unknown>>> {
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
  const { secrets } = site
  const context = { host, record, roles, facts, fleet, limits, secrets, ...hostData(host, site) }
  return exportsOf(
    exporting.map((role) => [role, roleScope(role, context, aside)] as const),
    aside,
  )
}

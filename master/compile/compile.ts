import type { Catalog } from '../../lib/catalog.ts'
import type { Diagnostic } from '../site/diagnostics.ts'
import { Diagnostics } from '../site/diagnostics.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import { meant } from '../site/nearest.ts'
import type { Site } from '../site/read.ts'
import type { Role } from '../site/role.ts'
import { readCheck } from './checks.ts'
import { closure } from './closure.ts'
import { Blobs } from './content.ts'
import type { Sink, States } from './declare.ts'
import { declare } from './declare.ts'
import { loadEngine } from './engine.ts'
import { exportsOf, fleetOf, NO_FLEET } from './exports.ts'
import { hostRecord, namedBy } from './fleet.ts'
import { needsEngine, seesFleet } from './mentions.ts'
import { type Merged, merge } from './merge.ts'
import { checkProps } from './props.ts'
import { blobSizes, connect } from './references.ts'
import type { HostContext } from './role-scope.ts'
import { hostData, roleScope } from './role-scope.ts'
import type { Scope } from './scope.ts'
import { checkMode } from './secret-flow.ts'

export type Facts = Readonly<Record<string, unknown>>

export type CompileOptions = {
  readonly states: States
  /** Roles that the master assigns to hosts, besides those in the site. */
  readonly assigned?: ReadonlyMap<string, readonly string[]>
  /** What is known of other hosts; their exports that need facts are missing without. */
  readonly factsOf?: (host: string) => Facts | null
}

export type Compiled = {
  /** `null` when there are errors. */
  readonly catalog: Catalog | null
  /** Bytes by sha256. */
  readonly blobs: ReadonlyMap<string, Buffer>
  /** Of this compile alone; those of the reading came with the site. */
  readonly diagnostics: readonly Diagnostic[]
  /** Paths of the templates and files of the site that went into it. */
  readonly used: ReadonlySet<string>
}

/** What one host should be. The same site, host and facts give the same catalog, byte for byte. */
export async function compile(
  site: Site,
  hostName: string,
  facts: Facts,
  options: CompileOptions,
): Promise<Compiled> {
  const found = new Diagnostics()
  const blobs = new Blobs(site.settings.limits)
  const host = site.hosts.get(hostName)
  if (host === undefined) unknownHost(hostName, site, found)
  const catalog = host === undefined ? null : await compileHost(site, host, facts, options, blobs, found)
  const { bytes, used } = blobs
  return { catalog: found.failed ? null : catalog, blobs: bytes, diagnostics: found.sorted(), used }
}

function unknownHost(name: string, site: Site, found: Diagnostics): void {
  const place = { file: 'hosts.yaml', line: 1, column: 1 }
  found.error('E_UNKNOWN_HOST', place, `the site declares no host "${name}"`, {
    hint: meant(name, site.hosts.keys()),
  })
}

async function compileHost(
  site: Site,
  host: HostDeclaration,
  facts: Facts,
  options: CompileOptions,
  blobs: Blobs,
  found: Diagnostics,
): Promise<Catalog | null> {
  const assigned = options.assigned?.get(host.name) ?? []
  const roles = closure(namedBy(host, assigned), site.roles, found)
  if (roles.some(needsEngine)) await loadEngine()
  const { records: fleet, circles } = roles.some(seesFleet) ? await fleetOf(site, options) : NO_FLEET
  const record = hostRecord(host, site, assigned)
  const { limits } = site.settings
  const { secrets } = site
  const context: HostContext = { host, record, roles, facts, fleet, limits, secrets, ...hostData(host, site) }
  const sink: Sink = { declared: [], nameless: [], omitted: [], full: false }
  const scopes = roles.map((role) => [role, roleScope(role, context, found)] as const)
  for (const [role, scope] of scopes) {
    for (const declaration of role.resources) {
      declare(declaration, { role, scope, states: options.states, limits, blobs, found }, sink)
    }
  }
  if (sink.full) return null
  const { merged, surplus } = merge(sink.declared, options.states, found)
  const check = (one: Merged) => {
    const state = options.states.get(one.type)
    return { one, props: state === undefined ? null : checkProps(one, state, found) }
  }
  // These reach no catalog, and are checked so that none of their mistakes is found only later.
  for (const one of [...sink.nameless, ...surplus]) check({ ...one, from: [] })
  const checked = merged.map(check)
  const resources = connect(checked, sink.omitted, options.states, blobs.marks, found)
  for (const resource of resources) checkMode(resource, found)
  const catalog: Catalog = {
    format: 1,
    host: host.name,
    site: { name: site.settings.name },
    roles: roles.map(({ name }) => name),
    maxRemovals: limits.removals_per_host,
    resources,
    omitted: sink.omitted.map(({ id, when, place: { file, line, column }, role }) => ({
      id,
      when,
      origin: { role, file, line, column },
    })),
    checks: checksOf(scopes, found),
    exports: exportsOf(scopes, found),
    blobs: blobSizes(blobs.bytes),
    secrets: versionsOf(resources, site),
  }
  // They may be why something is undefined here.
  if (found.failed) found.addAll(circles)
  return catalog
}

export type RoleScopes = readonly (readonly [Role, Scope])[]

function checksOf(scopes: RoleScopes, found: Diagnostics): Catalog['checks'] {
  return scopes.flatMap(([role, scope]) =>
    role.checks.map((node) => readCheck(node, role.name, scope, found)).filter((check) => check !== null),
  )
}

/** Which version of each secret the resources hold. */
function versionsOf(resources: Catalog['resources'], site: Site): Catalog['secrets'] {
  const names = [...new Set(resources.flatMap((resource) => resource.secrets ?? []))].sort()
  return Object.fromEntries(names.map((name) => [name, site.secrets.get(name)?.version ?? '']))
}

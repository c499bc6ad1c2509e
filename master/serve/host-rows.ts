import { Failure } from '../../lib/failure.ts'
import type { HostRow as Row } from '../../proto/gen/drover/v1/HostRow.ts'
import type { HostStatus } from '../../proto/gen/drover/v1/HostStatus.ts'
import type { ModeNews } from '../../proto/gen/drover/v1/ModeNews.ts'
import type { RoleOrigin } from '../../proto/gen/drover/v1/RoleOrigin.ts'
import type { Selection__Output } from '../../proto/gen/drover/v1/Selection.ts'
import { meant } from '../site/nearest.ts'
import type { ShownHost } from '../store/hosts.ts'
import type { AssignmentRow } from '../store/tables.ts'
import type { Serving } from './serving.ts'

/** One host by its name: declared, invited or joined; several of these. */
export type KnownHost = {
  readonly name: string
  /** As it joined; `null`: it has not. */
  readonly row: ShownHost | null
  readonly roles: readonly RoleOrigin[]
}

/** All hosts that are known in any way, by name. */
export async function knownHosts({ store, catalogs, now }: Serving): Promise<Map<string, KnownHost>> {
  const [joined, invites, assignments] = await Promise.all([
    store.hosts.list(),
    store.invites.open(now()),
    store.assignments.list(),
  ])
  const rows = new Map<string, ShownHost>()
  // Revoked ones come last, and a name that is in use again belongs to the one that uses it.
  for (const row of joined) if (!rows.has(row.name)) rows.set(row.name, row)
  const assigned = grouped(assignments)
  const declared = new Map(catalogs.site()?.hosts.map((host) => [host.name, host]))
  const invited = invites.filter(({ kind }) => kind === 'host').map(({ name }) => name)
  const names = [...new Set([...declared.keys(), ...rows.keys(), ...invited])].sort()
  return new Map(
    names.map((name) => {
      const roles = [...(declared.get(name)?.roles ?? []), ...(assigned.get(name) ?? []).map(assignedOrigin)]
      return [name, { name, row: rows.get(name) ?? null, roles }] as const
    }),
  )
}

function grouped(assignments: readonly AssignmentRow[]): Map<string, AssignmentRow[]> {
  const groups = new Map<string, AssignmentRow[]>()
  for (const one of assignments) groups.set(one.host, [...(groups.get(one.host) ?? []), one])
  return groups
}

export const assignedOrigin = ({ role, assigned_by }: AssignmentRow): RoleOrigin => {
  return { role, origin: `assigned by ${assigned_by}` }
}

/** One known host, or a refusal that names what was probably meant. */
export async function knownHost(serving: Serving, name: string): Promise<KnownHost> {
  const { store, catalogs, now } = serving
  const [row, assigned, invites] = await Promise.all([
    store.hosts.shown(name),
    store.assignments.of(name),
    store.invites.open(now()),
  ])
  const declared = catalogs.declared(name)
  const invited = invites.some((invite) => invite.kind === 'host' && invite.name === name)
  if (row === undefined && declared === null && !invited) return pick(await knownHosts(serving), name)
  return { name, row: row ?? null, roles: [...(declared?.roles ?? []), ...assigned.map(assignedOrigin)] }
}

/** A host that has joined and may call. */
export async function joinedHost(
  serving: Serving,
  name: string,
): Promise<KnownHost & { readonly row: ShownHost }> {
  const known = await knownHost(serving, name)
  if (known.row === null || known.row.state === 'revoked') {
    throw new Failure('not-found', 'this host has not joined', {
      about: name,
      hint: `let it in: drover invite ${name}`,
    })
  }
  return { ...known, row: known.row }
}

function pick(hosts: ReadonlyMap<string, KnownHost>, name: string): KnownHost {
  const host = hosts.get(name)
  if (host !== undefined) return host
  const hint = meant(name, hosts.keys())
  throw new Failure('not-found', 'there is no such host', { about: name, ...(hint === null ? {} : { hint }) })
}

/** The hosts that a selection names, sorted; every word of it must name something. */
export function selectHosts(
  hosts: ReadonlyMap<string, KnownHost>,
  { hosts: names, roles, all }: Selection__Output,
  knownRoles: readonly string[],
): KnownHost[] {
  if (all) return [...hosts.values()]
  const selected = new Map(names.map((name) => [name, pick(hosts, name)]))
  for (const role of roles) {
    const having = [...hosts.values()].filter((host) => host.roles.some((one) => one.role === role))
    if (having.length === 0 && !knownRoles.includes(role)) {
      const hint = meant(role, knownRoles)
      throw new Failure('not-found', 'there is no such role', {
        about: role,
        ...(hint === null ? {} : { hint }),
      })
    }
    for (const host of having) selected.set(host.name, host)
  }
  return [...selected.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A host as operators see it. */
export function hostRow(serving: Serving, host: KnownHost, drifted: number): Row {
  const { catalogs, fleet, now } = serving
  const { name, row, roles } = host
  const catalog = catalogs.current(name)
  // Not spread into the next: V8 takes 40 µs for an object of so many keys, and there are thousands.
  const shown: Row = {
    name,
    environment: catalogs.declared(name)?.environment ?? '',
    roles: [...roles],
    commit: catalog?.commit ?? '',
    wanted_catalog_sha256: catalog?.sha256 ?? '',
    compile_problem: catalog?.problem ?? '',
    status: 'HOST_STATUS_ABSENT',
  }
  if (row === null) return shown
  const connected = fleet.connected(row.id)
  const mode = modeOf(row, now())
  return Object.assign(shown, {
    id: row.id,
    status: statusOfHost(row, connected, mode, drifted),
    connected,
    version: row.version ?? '',
    last_seen_at: row.last_seen_at ?? 0,
    last_run_at: row.run_ended_at ?? 0,
    counts: row,
    drifted,
    catalog_sha256: row.catalog_sha256 ?? '',
    mode: mode.mode ?? 'MODE_ENFORCE',
    mode_until: mode.until ?? 0,
    mode_reason: mode.reason ?? '',
    mode_by: mode.by ?? '',
    certificate_expires_at: row.certificate_expires_at ?? 0,
    clock_skew_ms: row.clock_skew_ms,
    spooled_reports: row.spooled_reports,
  })
}

function statusOfHost(row: ShownHost, connected: boolean, { mode }: ModeNews, drifted: number): HostStatus {
  if (row.state !== 'active') return 'HOST_STATUS_REVOKED'
  if (!connected && row.last_seen_at !== null) return 'HOST_STATUS_STALE'
  if (mode === 'MODE_PAUSED') return 'HOST_STATUS_PAUSED'
  if (row.run_id === null) return 'HOST_STATUS_PENDING'
  if (row.failed > 0 || row.run_problem !== null) return 'HOST_STATUS_FAILED'
  return drifted > 0 ? 'HOST_STATUS_DRIFTED' : 'HOST_STATUS_IN_SYNC'
}

const MODES = { enforce: 'MODE_ENFORCE', audit: 'MODE_AUDIT', paused: 'MODE_PAUSED' } as const

/** What an agent may do by itself now: a pause that has ended is none. */
export function modeOf(
  row: Pick<ShownHost, 'mode' | 'mode_until' | 'mode_reason' | 'mode_by'>,
  now: number,
): ModeNews {
  if (row.mode === 'enforce' || (row.mode_until !== null && row.mode_until <= now)) {
    return { mode: 'MODE_ENFORCE', until: 0, reason: '', by: '' }
  }
  const [until, reason, by] = [row.mode_until ?? 0, row.mode_reason ?? '', row.mode_by ?? '']
  return { mode: MODES[row.mode], until, reason, by }
}

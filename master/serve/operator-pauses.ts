import type { Catalog } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { MAX_PAUSE_SECONDS, MAX_PAUSED_RESOURCES } from '../../lib/limits.ts'
import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import type { PauseOfHost } from '../../proto/gen/drover/v1/PauseOfHost.ts'
import type { PauseRequest__Output } from '../../proto/gen/drover/v1/PauseRequest.ts'
import type { ResourcePause } from '../../proto/gen/drover/v1/ResourcePause.ts'
import { meant } from '../site/nearest.ts'
import type { PauseRow } from '../store/tables.ts'
import { bodyOf } from './agent-service.ts'
import { callerName } from './caller.ts'
import type { Handlers } from './handlers.ts'
import { joinedHost, knownHosts, selectHosts } from './host-rows.ts'
import type { Serving } from './serving.ts'

/** A host, or some of its resources, is left alone until an end. */
export function operatorPauses(serving: Serving): Pick<Handlers<OperatorHandlers>, 'Pause' | 'Resume'> {
  const { now } = serving
  return {
    async Pause(request, call) {
      check(request)
      const since = now()
      const until = since + request.seconds * 1000
      const by = callerName(call.caller)
      const pause = (host: string) => pauseOne(serving, { ...request, host }, { since, until, by })
      const { host, role } = request
      if (isOfRole(host, role)) return { until, hosts: await eachWith(serving, role, pause) }
      return { until, resources: await pause(host) }
    },

    async Resume({ host, resources, role }) {
      const resume = (host: string) => resumeOne(serving, { host, resources, role })
      if (isOfRole(host, role)) return { hosts: await eachWith(serving, role, resume) }
      return { resources: await resume(host) }
    },
  }
}

const isOfRole = (host: string, role: string) => host === '' && role !== ''

/** Does it on each host with a role, whatever comes of the others. */
async function eachWith(
  serving: Serving,
  role: string,
  work: (host: string) => Promise<string[]>,
): Promise<PauseOfHost[]> {
  const selection = { hosts: [], roles: [role], all: false }
  const having = selectHosts(await knownHosts(serving), selection, serving.catalogs.site()?.roles ?? [])
  const joined = having.filter(({ row }) => row?.state === 'active').map(({ name }) => name)
  if (joined.length === 0)
    throw new Failure('not-found', 'no host that has joined has this role', { about: role })
  const done: PauseOfHost[] = []
  for (const host of joined) {
    try {
      done.push({ host, resources: await work(host) })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      done.push({ host, problem: error.message })
    }
  }
  return done
}

type Lease = { readonly since: number; readonly until: number; readonly by: string }

/** The resources that are paused by it; none: the host as a whole is. */
async function pauseOne(serving: Serving, request: PauseRequest__Output, lease: Lease): Promise<string[]> {
  const { store, fleet } = serving
  const { host, mode, reason } = request
  const { row } = await joinedHost(serving, host)
  const { since, until, by } = lease
  const resources = await namedBy(serving, request)
  if (resources === null) {
    const word = mode === 'MODE_PAUSED' ? 'paused' : 'audit'
    const paused = { mode: word, mode_until: until, mode_reason: reason, mode_by: by } as const
    await store.hosts.setMode({ id: row.id, ...paused })
  } else {
    const stays = request.at_end === 'PAUSE_END_SHOW' ? 1 : 0
    const of = { host_id: row.id, since, until, stays, reason, by } as const
    const rows = resources.map((resource) => ({ ...of, resource }))
    if (!(await store.pauses.put({ rows, now: since, most: MAX_PAUSED_RESOURCES }))) throw tooMany(host)
  }
  await fleet.modeChanged(row.id)
  return resources ?? []
}

async function resumeOne(
  serving: Serving,
  { host, resources: named, role }: Pick<PauseRequest__Output, 'host' | 'resources' | 'role'>,
): Promise<string[]> {
  const { store, fleet, now } = serving
  const { row } = await joinedHost(serving, host)
  const ofRole = role === '' ? [] : declaredBy(role, await catalogOf(serving, host))
  const resources = named.length === 0 && role === '' ? null : [...named, ...ofRole]
  const ended = await store.pauses.end({ hostId: row.id, resources, now: now() })
  if (resources === null) {
    const none = { mode_until: null, mode_reason: null, mode_by: null }
    await store.hosts.setMode({ id: row.id, mode: 'enforce', ...none })
  }
  await fleet.modeChanged(row.id)
  return ended
}

function check({ mode, seconds, reason, resources, role, at_end }: PauseRequest__Output): void {
  const isOfResources = resources.length > 0 || role !== ''
  if (mode !== 'MODE_PAUSED' && mode !== 'MODE_AUDIT')
    throw new Failure('invalid', 'a pause is paused or audit')
  if (isOfResources && mode !== 'MODE_PAUSED')
    throw new Failure(
      'invalid',
      'a resource that is paused is looked at in any case; audit is of a whole host',
    )
  if (!isOfResources && at_end === 'PAUSE_END_SHOW')
    throw new Failure('invalid', 'only resources can stay as they are after their pause', {
      hint: 'name them, such as file:/etc/motd',
    })
  if (seconds < 1 || seconds > MAX_PAUSE_SECONDS)
    throw new Failure('invalid', `a pause lasts from a second to ${MAX_PAUSE_SECONDS / 86_400} days`, {
      hint: 'what is to stay so is for the site to say',
    })
  if (reason.trim() === '' || reason.length > MAX_REASON_CHARACTERS)
    throw new Failure('invalid', `a pause has a reason of at most ${MAX_REASON_CHARACTERS} characters`)
}

const MAX_REASON_CHARACTERS = 500

/** The resources that are meant, each of them in the host's catalog; `null`: the host as a whole. */
async function namedBy(
  serving: Serving,
  { host, resources: named, role }: PauseRequest__Output,
): Promise<string[] | null> {
  if (named.length === 0 && role === '') return null
  const catalog = await catalogOf(serving, host)
  const known = new Set<string>(catalog.resources.map(({ id }) => id))
  for (const id of named) {
    if (known.has(id)) continue
    const hint = meant(id, known) ?? `see what it has: drover compile ${host}`
    throw new Failure('not-found', 'the host has no such resource', { about: id, hint })
  }
  const ofRole = role === '' ? [] : declaredBy(role, catalog)
  if (role !== '' && ofRole.length === 0) {
    const roles = catalog.resources.flatMap(({ origins }) => origins.map((origin) => origin.role))
    const hint = meant(role, new Set(roles)) ?? `see what it has: drover show ${host}`
    throw new Failure('not-found', `no resource of ${host} is declared by this role`, { about: role, hint })
  }
  return [...new Set([...named, ...ofRole])]
}

async function catalogOf({ catalogs, bodies }: Serving, host: string): Promise<Catalog> {
  const sha256 = catalogs.current(host)?.sha256
  if (!sha256)
    throw new Failure('not-found', 'there is no catalog for this host yet', {
      about: host,
      hint: `see "drover show ${host}"`,
    })
  return JSON.parse((await bodyOf({ bodies }, sha256)).toString())
}

const declaredBy = (role: string, { resources }: Catalog): string[] =>
  resources.filter(({ origins }) => origins.some((origin) => origin.role === role)).map(({ id }) => id)

const tooMany = (host: string) =>
  new Failure('invalid', `no more than ${MAX_PAUSED_RESOURCES} resources of a host can be paused`, {
    about: host,
    hint: `pause the host: drover pause ${host} --for … --why …`,
  })

export const pauseRow = ({ resource, since, until, stays, reason, by }: PauseRow): ResourcePause => ({
  ...{ resource, since, until, reason, by },
  at_end: stays === 1 ? 'PAUSE_END_SHOW' : 'PAUSE_END_REVERT',
})

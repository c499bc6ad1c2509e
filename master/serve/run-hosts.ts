import { Failure } from '../../lib/failure.ts'
import { MAX_PARALLEL_ORDERS, MAX_WAITING_EVENTS } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { RunRequest__Output } from '../../proto/gen/drover/v1/RunRequest.ts'
import type { RunResponse } from '../../proto/gen/drover/v1/RunResponse.ts'
import type { Call } from './handlers.ts'
import { type KnownHost, knownHosts, selectHosts } from './host-rows.ts'
import { HostRuns } from './host-runs.ts'
import { Queue } from './queue.ts'
import type { Serving } from './serving.ts'

/** One host that takes part; with a plan, what the host's part of it was. */
type Part = { readonly host: KnownHost; readonly fingerprint: string }

/** Runs on all hosts that are asked for, at the same time, and tells what happens as it happens. */
export async function* runHosts(
  serving: Serving,
  request: RunRequest__Output,
  call: Call,
): AsyncGenerator<RunResponse> {
  const parts = await partsOf(serving, request)
  const { kind } = request
  yield { started: { hosts: parts.map(({ host }) => host.name) } }
  const events = new Queue<RunResponse>(MAX_WAITING_EVENTS)
  const fingerprints: { host: string; fingerprint: string }[] = []
  const one = new HostRuns(serving, call, events)
  const all = inParallel(parts, MAX_PARALLEL_ORDERS, async (part) => {
    const result = await one.run(part.host, { kind, fingerprint: part.fingerprint })
    const fingerprint = result.run?.head?.fingerprint
    if (fingerprint) fingerprints.push({ host: part.host.name, fingerprint })
    events.push({ result })
  })
  all.then(
    () => events.end(),
    (error: Error) => events.end(error),
  )
  yield* events
  const fingerprint = kind === 'RUN_KIND_CHECK' ? await keepPlan(serving, fingerprints) : ''
  yield { ended: { fingerprint } }
}

const RUNS = ['RUN_KIND_CHECK', 'RUN_KIND_APPLY']

async function partsOf(serving: Serving, { kind, selection, plan }: RunRequest__Output): Promise<Part[]> {
  if (!RUNS.includes(kind)) throw new Failure('invalid', 'a run is a check or an apply')
  const known = await knownHosts(serving)
  const given = selection !== null && (selection.all || selection.hosts.length + selection.roles.length > 0)
  const roles = serving.catalogs.site()?.roles ?? []
  const selected = given ? selectHosts(known, selection, roles) : []
  if (plan === '') {
    // "All" means all that could be asked: a host that never joined is not waited for.
    const there = selection?.all ? selected.filter(({ row }) => row?.state === 'active') : selected
    if (there.length === 0)
      throw new Failure('invalid', 'no host is selected', { hint: 'name hosts, a role, or all' })
    return there.map((host) => ({ host, fingerprint: '' }))
  }
  if (kind !== 'RUN_KIND_APPLY') throw new Failure('invalid', 'a plan is applied, not checked')
  const planned = await serving.store.plans.get(plan)
  if (planned.length === 0) {
    const hint = 'plans are kept for a while; make it anew: drover plan'
    throw new Failure('not-found', 'there is no such plan', { about: plan, hint })
  }
  const wanted = given ? new Set(selected.map(({ name }) => name)) : null
  const parts = planned.filter(({ host }) => wanted === null || wanted.has(host))
  const outside = [...(wanted ?? [])].find((name) => planned.every(({ host }) => host !== name))
  if (outside !== undefined)
    throw new Failure('invalid', 'this host has no part in the plan', { about: outside })
  return parts.map(({ host, fingerprint }) => {
    return { host: known.get(host) ?? { name: host, row: null, roles: [] }, fingerprint }
  })
}

/** Names the plans of all hosts together, and keeps what each of them is. Empty when nothing is due. */
export async function keepPlan(
  { store, now }: Serving,
  hosts: readonly { host: string; fingerprint: string }[],
): Promise<string> {
  if (hosts.length === 0) return ''
  const fingerprint = fleetFingerprint(hosts)
  await store.plans.put({ fingerprint, hosts, at: now() })
  return fingerprint
}

/** In the form of a host's own fingerprint: see lib/fingerprint.ts. */
export function fleetFingerprint(hosts: readonly { host: string; fingerprint: string }[]): string {
  const lines = hosts.map(({ host, fingerprint }) => `${host} ${fingerprint}`).sort()
  const hash = sha256(lines.join('\n'))
  return `${hash.slice(0, 8)}-${hash.slice(8, 16)}`
}

async function inParallel<T>(
  all: readonly T[],
  width: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const rest = all.values()
  const lane = async () => {
    for (const one of rest) await work(one)
  }
  await Promise.all(Array.from({ length: Math.min(width, all.length) }, lane))
}

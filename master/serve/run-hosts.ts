import { Failure } from '../../lib/failure.ts'
import { MAX_PARALLEL_ORDERS, MAX_WAITING_EVENTS, PROGRESS_EVERY_MS } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { HostProgress } from '../../proto/gen/drover/v1/HostProgress.ts'
import type { HostResult } from '../../proto/gen/drover/v1/HostResult.ts'
import type { Problem } from '../../proto/gen/drover/v1/Problem.ts'
import type { RunRequest__Output } from '../../proto/gen/drover/v1/RunRequest.ts'
import type { RunResponse } from '../../proto/gen/drover/v1/RunResponse.ts'
import { callerName } from './caller.ts'
import type { Call } from './handlers.ts'
import { type KnownHost, knownHosts, selectHosts } from './host-rows.ts'
import { originsOf } from './origins.ts'
import { Queue } from './queue.ts'
import { runRow } from './run-rows.ts'
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
  yield { started: { hosts: parts.map(({ host }) => host.name) } }
  const events = new Queue<RunResponse>(MAX_WAITING_EVENTS)
  const fingerprints: { host: string; fingerprint: string }[] = []
  const one = new OneCall(serving, request, call, events)
  const all = inParallel(parts, MAX_PARALLEL_ORDERS, async (part) => {
    const result = await one.run(part)
    const fingerprint = result.run?.head?.fingerprint
    if (fingerprint) fingerprints.push({ host: part.host.name, fingerprint })
    events.push({ result })
  })
  all.then(
    () => events.end(),
    (error: Error) => events.end(error),
  )
  yield* events
  const fingerprint = request.kind === 'RUN_KIND_CHECK' ? await keepPlan(serving, fingerprints) : ''
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

class OneCall {
  readonly #serving: Serving
  readonly #request: RunRequest__Output
  readonly #call: Call
  readonly #events: Queue<RunResponse>
  /** Hosts of which something was shown just now, and what is newer. */
  readonly #progress = new Map<string, HostProgress | null>()

  constructor(serving: Serving, request: RunRequest__Output, call: Call, events: Queue<RunResponse>) {
    this.#serving = serving
    this.#request = request
    this.#call = call
    this.#events = events
  }

  /** A host that can't be asked is a result too. */
  async run({ host, fingerprint }: Part): Promise<HostResult> {
    try {
      return await this.#ask(host, fingerprint)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { host: host.name, problem: problemOf(error) }
    } finally {
      this.#progress.delete(host.name)
    }
  }

  async #ask({ name, row }: KnownHost, fingerprint: string): Promise<HostResult> {
    const { fleet, store, newId, now, catalogs } = this.#serving
    if (row === null)
      throw new Failure('unavailable', 'this host has not joined', { hint: `drover invite ${name}` })
    if (row.state !== 'active') throw new Failure('denied', `this host is ${row.state}`)
    const request_id = newId()
    // On disk before anybody is asked: the report may come when this master has been started anew.
    const requested_by = callerName(this.#call.caller)
    await store.requests.add({ host_id: row.id, request_id, requested_by, requested_at: now() })
    const order = {
      request_id,
      kind: this.#request.kind,
      fingerprint,
      catalog_sha256: catalogs.current(name)?.sha256 ?? '',
    }
    const finished = await fleet.order(
      row.id,
      order,
      (progress) => {
        const { done, total, resource, status, waiting } = progress
        this.#show({ host: name, done, total, resource, status, waiting })
      },
      this.#call.signal,
    )
    if (finished.run_id === '') return { host: name, problem: finished.problem ?? noRun() }
    const shown = await this.#report(name, row.id, finished.run_id)
    return finished.problem === null ? shown : { ...shown, problem: finished.problem }
  }

  /** Of thousands of hosts that all make progress, an operator sees the newest of each, a few times a second. */
  #show(progress: HostProgress): void {
    const host = progress.host ?? ''
    if (this.#progress.has(host)) {
      this.#progress.set(host, progress)
      return
    }
    this.#events.push({ progress })
    this.#progress.set(host, null)
    setTimeout(() => {
      const newer = this.#progress.get(host)
      this.#progress.delete(host)
      if (newer) this.#show(newer)
    }, PROGRESS_EVERY_MS).unref()
  }

  async #report(host: string, hostId: string, runId: string): Promise<HostResult> {
    const { store, bodies } = this.#serving
    const run = await store.runs.get(runId)
    // An agent names its own runs, and no other's.
    if (run === undefined || run.host_id !== hostId) return { host, problem: noRun() }
    const body = await store.bodies.get(run.body_sha256)
    return {
      host,
      run: runRow(run, host),
      body: Buffer.from(body ?? []),
      origins: await originsOf(bodies, run.catalog_sha256, body),
    }
  }
}

const noRun = (): Problem => ({ code: 'internal', reason: 'the host has reported no run', hint: '' })

const problemOf = ({ code, message, hint }: Failure): Problem => ({ code, reason: message, hint: hint ?? '' })

/** Names the plans of all hosts together, and keeps what each of them is. Empty when nothing is due. */
async function keepPlan(
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

import type { Catalog } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { MAX_PAUSE_SECONDS, MAX_PAUSED_RESOURCES, MAX_WAITING_EVENTS } from '../../lib/limits.ts'
import type { Outcome } from '../../lib/outcome.ts'
import type { HostResult } from '../../proto/gen/drover/v1/HostResult.ts'
import type { Problem } from '../../proto/gen/drover/v1/Problem.ts'
import type { RunEnded } from '../../proto/gen/drover/v1/RunEnded.ts'
import type { RunResponse } from '../../proto/gen/drover/v1/RunResponse.ts'
import type { UndoRequest__Output } from '../../proto/gen/drover/v1/UndoRequest.ts'
import type { RunRow } from '../store/tables.ts'
import { bodyOf } from './agent-service.ts'
import { callerName } from './caller.ts'
import type { Call } from './handlers.ts'
import { joinedHost } from './host-rows.ts'
import { HostRuns } from './host-runs.ts'
import { Queue } from './queue.ts'
import { keepPlan } from './run-hosts.ts'
import { foundRun } from './run-rows.ts'
import type { Serving } from './serving.ts'

/** Has a host put back what one run changed, or show what that would be. */
export async function* undo(
  serving: Serving,
  request: UndoRequest__Output,
  call: Call,
): AsyncGenerator<RunResponse> {
  const { host, run } = await checked(serving, request)
  yield { started: { hosts: [host.name] } }
  const events = new Queue<RunResponse>(MAX_WAITING_EVENTS)
  const one = new OneUndo(serving, request, { host, run }, call, events)
  const ended = one.run()
  ended.then(
    () => events.end(),
    (error: Error) => events.end(error),
  )
  yield* events
  yield { ended: await ended }
}

type Joined = Awaited<ReturnType<typeof joinedHost>>
type What = { readonly host: Joined; readonly run: RunRow }

async function checked(serving: Serving, request: UndoRequest__Output): Promise<What> {
  const { kind, plan, pause_seconds, pause_reason } = request
  if (kind !== 'RUN_KIND_CHECK' && kind !== 'RUN_KIND_APPLY')
    throw new Failure('invalid', 'an undo is a check or an apply')
  if (kind === 'RUN_KIND_CHECK' && plan !== '') throw new Failure('invalid', 'a plan is applied, not checked')
  if (kind === 'RUN_KIND_APPLY' && (pause_seconds < 1 || pause_seconds > MAX_PAUSE_SECONDS))
    throw new Failure('invalid', `a pause lasts from a second to ${MAX_PAUSE_SECONDS / 86_400} days`)
  if (pause_reason.length > 500) throw new Failure('invalid', 'a pause has a reason, in short')
  const host = await joinedHost(serving, request.host)
  const run = await foundRun(serving, request.run_id)
  if (run.host_id !== host.row.id)
    throw new Failure('invalid', `this is no run of ${host.name}`, {
      about: run.run_id,
      hint: `see its runs: drover runs ${host.name}`,
    })
  if (run.kind !== 'apply')
    throw new Failure('invalid', 'this run was a check, which changes nothing', { about: run.run_id })
  return { host, run }
}

class OneUndo {
  readonly #serving: Serving
  readonly #request: UndoRequest__Output
  readonly #what: What
  readonly #call: Call
  readonly #events: Queue<RunResponse>
  readonly #runs: HostRuns

  constructor(
    serving: Serving,
    request: UndoRequest__Output,
    what: What,
    call: Call,
    events: Queue<RunResponse>,
  ) {
    this.#serving = serving
    this.#request = request
    this.#what = what
    this.#call = call
    this.#events = events
    this.#runs = new HostRuns(serving, call, events)
  }

  /** Pushes the host's result, and returns what is said last. */
  async run(): Promise<RunEnded> {
    const { host } = this.#what
    const looked = await this.#order('RUN_KIND_CHECK', '')
    const fingerprint = looked.run?.head?.fingerprint ?? ''
    if (this.#request.kind === 'RUN_KIND_CHECK' || looked.problem || looked.run?.head?.problem) {
      this.#events.push({ result: looked })
      const hosts = fingerprint === '' ? [] : [{ host: host.name, fingerprint }]
      return { fingerprint: await keepPlan(this.#serving, hosts) }
    }
    const moved = await this.#movedFrom(fingerprint)
    if (moved !== null || fingerprint === '') {
      this.#events.push({ result: moved === null ? looked : { ...looked, problem: moved } })
      return {}
    }
    return this.#apply(looked, fingerprint)
  }

  /** What is put back is left alone before it is: nothing of it may be made again meanwhile. */
  async #apply(looked: HostResult, fingerprint: string): Promise<RunEnded> {
    const { host } = this.#what
    const { paused, fresh, until } = await this.#pause(host, undoneIn(looked))
    const result = await this.#order('RUN_KIND_APPLY', fingerprint)
    this.#events.push({ result })
    const changedNothing = result.run && !outcomesIn(result).some(({ status }) => status !== 'planned')
    if (!changedNothing) return { paused, paused_until: until }
    const { store, fleet, now } = this.#serving
    await store.pauses.end({ hostId: host.row.id, resources: fresh, now: now() })
    await fleet.modeChanged(host.row.id)
    return {}
  }

  async #order(kind: 'RUN_KIND_CHECK' | 'RUN_KIND_APPLY', fingerprint: string): Promise<HostResult> {
    const { host, run } = this.#what
    const result = await this.#runs.run(host, { kind, fingerprint, undo_run_id: run.run_id })
    // An agent that knows no undo makes another run of it.
    if (!result.run || result.run.head?.problem || undoneBy(result) === run.run_id) return result
    throw new Failure('conflict', 'the agent of this host can undo nothing', {
      about: host.name,
      hint: 'update drover on this host, then try again',
    })
  }

  async #movedFrom(fingerprint: string): Promise<Problem | null> {
    const { plan } = this.#request
    if (plan === '') return null
    const seen = await this.#serving.store.plans.get(plan)
    if (seen.length === 0)
      throw new Failure('not-found', 'there is no such plan', {
        about: plan,
        hint: 'plans are kept for a while; look at it anew',
      })
    if (seen.some((one) => one.host === this.#what.host.name && one.fingerprint === fingerprint)) return null
    return {
      code: 'conflict',
      reason: 'the host is no longer what it was when the plan was made; nothing was changed',
      hint: 'look at a new plan',
    }
  }

  /** Of what is put back, only what the catalog declares would be made again. */
  async #pause({ name, row }: Joined, ids: readonly string[]) {
    const { store, fleet, catalogs, bodies, now } = this.#serving
    const sha256 = catalogs.current(name)?.sha256
    const { resources = [] } = sha256
      ? (JSON.parse((await bodyOf({ bodies }, sha256)).toString()) as Pick<Catalog, 'resources'>)
      : {}
    const declared = new Set<string>(resources.map(({ id }) => id))
    const paused = ids.filter((id) => declared.has(id))
    const since = now()
    const until = since + this.#request.pause_seconds * 1000
    const before = await store.pauses.list({ hostIds: [row.id], now: since })
    const known = new Set(before.map(({ resource }) => resource))
    const by = callerName(this.#call.caller)
    const reason = this.#request.pause_reason || `run ${this.#what.run.run_id.slice(0, 18)} was undone`
    const of = { host_id: row.id, since, until, stays: 1, reason, by } as const
    const rows = paused.map((resource) => ({ ...of, resource }))
    if (!(await store.pauses.put({ rows, now: since, most: MAX_PAUSED_RESOURCES }))) throw tooMany(name)
    await fleet.modeChanged(row.id)
    return { paused, fresh: paused.filter((id) => !known.has(id)), until }
  }
}

const tooMany = (host: string) =>
  new Failure('invalid', `no more than ${MAX_PAUSED_RESOURCES} resources of a host can be left alone`, {
    about: host,
    hint: 'a run that changed more is undone by taking its roles from the host',
  })

type Told = { readonly outcomes?: readonly Outcome[]; readonly undo?: { readonly runId?: unknown } }

// The master has checked the form of a report when it took it.
const told = ({ body }: HostResult): Told =>
  body === undefined || body.length === 0
    ? {}
    : (JSON.parse(Buffer.from(body as Uint8Array).toString()) as Told)
const outcomesIn = (result: HostResult) => told(result).outcomes ?? []
const undoneBy = (result: HostResult) => told(result).undo?.runId
// One that stands as before may have others below it that do not, as with a directory that was purged.
const undoneIn = (result: HostResult) =>
  outcomesIn(result)
    .filter(({ leaves }) => leaves?.how === 'undo')
    .map(({ id }) => id)

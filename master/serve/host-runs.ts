import { Failure } from '../../lib/failure.ts'
import { PROGRESS_EVERY_MS } from '../../lib/limits.ts'
import type { HostProgress } from '../../proto/gen/drover/v1/HostProgress.ts'
import type { HostResult } from '../../proto/gen/drover/v1/HostResult.ts'
import type { Problem } from '../../proto/gen/drover/v1/Problem.ts'
import type { RunOrder } from '../../proto/gen/drover/v1/RunOrder.ts'
import type { RunResponse } from '../../proto/gen/drover/v1/RunResponse.ts'
import { callerName } from './caller.ts'
import type { Call } from './handlers.ts'
import type { KnownHost } from './host-rows.ts'
import { originsOf } from './origins.ts'
import type { Queue } from './queue.ts'
import { runRow } from './run-rows.ts'
import type { Serving } from './serving.ts'

/** What a host is to do. */
type WantedRun = Pick<RunOrder, 'kind' | 'fingerprint' | 'undo_run_id'>

/** Runs on single hosts that one call asks for, and what it hears of them. */
export class HostRuns {
  readonly #serving: Serving
  readonly #call: Call
  readonly #events: Queue<RunResponse>
  /** Hosts of which something was shown just now, and what is newer. */
  readonly #progress = new Map<string, HostProgress | null>()

  constructor(serving: Serving, call: Call, events: Queue<RunResponse>) {
    this.#serving = serving
    this.#call = call
    this.#events = events
  }

  /** A host that can't be asked is a result too. */
  async run(host: KnownHost, wanted: WantedRun): Promise<HostResult> {
    try {
      return await this.#ask(host, wanted)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { host: host.name, problem: problemOf(error) }
    } finally {
      this.#progress.delete(host.name)
    }
  }

  async #ask({ name, row }: KnownHost, wanted: WantedRun): Promise<HostResult> {
    const { fleet, store, newId, now, catalogs } = this.#serving
    if (row === null)
      throw new Failure('unavailable', 'this host has not joined', { hint: `drover invite ${name}` })
    if (row.state !== 'active') throw new Failure('denied', `this host is ${row.state}`)
    const request_id = newId()
    // On disk before anybody is asked: the report may come when this master has been started anew.
    const requested_by = callerName(this.#call.caller)
    await store.requests.add({ host_id: row.id, request_id, requested_by, requested_at: now() })
    const order = { ...wanted, request_id, catalog_sha256: catalogs.current(name)?.sha256 ?? '' }
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

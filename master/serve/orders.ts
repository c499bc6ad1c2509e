import { Failure } from '../../lib/failure.ts'
import { ORDER_HEARD_TIMEOUT_MS, RETURN_TIMEOUT_MS } from '../../lib/limits.ts'
import type { Finished__Output } from '../../proto/gen/drover/v1/Finished.ts'
import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { Progress__Output } from '../../proto/gen/drover/v1/Progress.ts'
import type { RunOrder } from '../../proto/gen/drover/v1/RunOrder.ts'
import { type Watchdog, watchdog } from '../../proto/watchdog.ts'
import type { AgentStream } from './agent-words.ts'

export type Order = RunOrder & { readonly request_id: string }

type Pending = {
  readonly order: Order
  readonly on: (progress: Progress__Output) => void
  readonly done: (finished: Finished__Output) => void
  readonly fail: (why: Failure) => void
  /** Runs from when it was sent until the agent has said a word of it. */
  unheard: Watchdog | null
}

type OrdersSetting = {
  /** `undefined`: the host is not connected. */
  readonly streamOf: (hostId: string) => AgentStream | undefined
  /** A host that has not heard an order is not there, whatever its connection says. */
  readonly deaf: (hostId: string, stream: AgentStream) => void
}

/** Runs that hosts were asked for, and whoever waits for them. They outlast a broken stream for a while. */
export class Orders {
  readonly #setting: OrdersSetting
  /** By host, then by the id of the request. */
  readonly #pending = new Map<string, Map<string, Pending>>()

  constructor(setting: OrdersSetting) {
    this.#setting = setting
  }

  add(
    hostId: string,
    order: Order,
    on: (progress: Progress__Output) => void,
    signal: AbortSignal,
  ): Promise<Finished__Output> {
    const stream = this.#setting.streamOf(hostId)
    if (stream === undefined) return Promise.reject(new Failure('unavailable', 'the host is not connected'))
    const mine = this.#pending.get(hostId) ?? new Map<string, Pending>()
    this.#pending.set(hostId, mine)
    // One call asks thousands of hosts, and most are done long before it ends.
    const ended = new AbortController()
    return new Promise<Finished__Output>((done, fail) => {
      const pending = { order, on, done, fail, unheard: null }
      mine.set(order.request_id, pending)
      const giveUp = () => this.#giveUp(hostId, order, fail)
      signal.addEventListener('abort', giveUp, { once: true, signal: ended.signal })
      if (signal.aborted) return giveUp()
      this.#send(hostId, stream, pending)
    }).finally(() => {
      ended.abort()
      mine.get(order.request_id)?.unheard?.end()
      mine.delete(order.request_id)
      if (mine.size === 0 && this.#pending.get(hostId) === mine) this.#pending.delete(hostId)
    })
  }

  /** An agent that was asked before its stream broke is asked again; it knows requests by their ids. */
  sendAgain(hostId: string, stream: AgentStream): void {
    for (const pending of this.#pending.get(hostId)?.values() ?? []) this.#send(hostId, stream, pending)
  }

  heard(
    hostId: string,
    { received, progress, finished }: Pick<FollowRequest__Output, 'received' | 'progress' | 'finished'>,
  ): void {
    const request = (received ?? progress ?? finished)?.request_id
    const pending = request === undefined ? undefined : this.#pending.get(hostId)?.get(request)
    pending?.unheard?.end()
    if (progress) pending?.on(progress)
    if (finished) pending?.done(finished)
  }

  /** The host is not connected any more: an agent that comes back goes on with what it was asked. */
  lost(hostId: string): void {
    const waiting = [...(this.#pending.get(hostId)?.values() ?? [])]
    if (waiting.length === 0) return
    const timer = setTimeout(() => {
      if (this.#setting.streamOf(hostId) !== undefined) return
      const why = new Failure('unavailable', 'the host went away while it ran', {
        hint: 'it goes on by itself and reports when it is back',
      })
      for (const { fail } of waiting) fail(why)
    }, RETURN_TIMEOUT_MS)
    timer.unref()
  }

  #send(hostId: string, stream: AgentStream, pending: Pending): void {
    pending.unheard?.end()
    pending.unheard = watchdog(ORDER_HEARD_TIMEOUT_MS, () => this.#unheard(hostId, stream, pending))
    stream.send({ run: pending.order })
  }

  #unheard(hostId: string, stream: AgentStream, { order, fail }: Pending): void {
    const seconds = ORDER_HEARD_TIMEOUT_MS / 1000
    const still = order.kind === 'RUN_KIND_APPLY' ? 'it was sent, and may still be applied' : 'it was sent'
    const hint =
      'the host counts as away until it comes back, and a run that it made will be in "drover runs"'
    fail(new Failure('unavailable', `the host has not answered within ${seconds} s: ${still}`, { hint }))
    stream.end(new Failure('timeout', `an order was not heard within ${seconds} s`))
    this.#setting.deaf(hostId, stream)
  }

  /** Nobody waits any more: a look is called off, and an apply that has begun goes on. */
  #giveUp(hostId: string, { request_id, kind }: Order, fail: (why: Failure) => void): void {
    if (kind !== 'RUN_KIND_APPLY') this.#setting.streamOf(hostId)?.send({ cancel: { request_id } })
    fail(new Failure('unavailable', 'nobody waits for this run any more'))
  }
}

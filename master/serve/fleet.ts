import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../lib/failure.ts'
import {
  HELLO_TIMEOUT_MS,
  MAX_RECONNECT_WITHIN_MS,
  MAX_WORDS_AT_ONCE,
  MIN_RECONNECT_WITHIN_MS,
  ORDER_HEARD_TIMEOUT_MS,
  QUESTION_TIMEOUT_MS,
  RECONNECTS_PER_SECOND,
  RETURN_TIMEOUT_MS,
  SILENCE_TIMEOUT_MS,
  WORDS_PER_MINUTE,
} from '../../lib/limits.ts'
import type { Answer__Output } from '../../proto/gen/drover/v1/Answer.ts'
import type { CatalogNews } from '../../proto/gen/drover/v1/CatalogNews.ts'
import type { Finished__Output } from '../../proto/gen/drover/v1/Finished.ts'
import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse } from '../../proto/gen/drover/v1/FollowResponse.ts'
import type { Hello__Output } from '../../proto/gen/drover/v1/Hello.ts'
import type { ModeNews } from '../../proto/gen/drover/v1/ModeNews.ts'
import type { Progress__Output } from '../../proto/gen/drover/v1/Progress.ts'
import type { Question } from '../../proto/gen/drover/v1/Question.ts'
import type { RunOrder } from '../../proto/gen/drover/v1/RunOrder.ts'
import type { Watching__Output } from '../../proto/gen/drover/v1/Watching.ts'
import { type Watchdog, watchdog } from '../../proto/watchdog.ts'
import { Buckets } from './buckets.ts'

/** The agent's end of one stream. */
export type AgentStream = {
  readonly messages: AsyncIterable<FollowRequest__Output>
  send(message: FollowResponse): void
  /** Ends it, with a reason for the peer. */
  end(failure?: Error): void
}

export type Order = RunOrder & { readonly request_id: string }

/** Who is connected, what they were asked, and how far they have come. */
export interface Fleet {
  connected(hostId: string): boolean
  /** What the agent of a host listens to, as it said last; `null`: it is not connected, or has not said. */
  watching(hostId: string): Watching__Output | null
  /** How many hosts are connected. */
  readonly size: number
  /** Serves a stream until it ends. A later one of the same host ends it. */
  follow(hostId: string, host: string, stream: AgentStream): Promise<void>
  /** The host's mode may have changed. */
  modeChanged(hostId: string): void
  /** The host of this name has another catalog. */
  catalogChanged(host: string): void
  /**
   * One run on one host. Fails with `unavailable` when the host is not connected, does not say that it has heard of it,
   * or goes away and stays away. It is never asked again after that, but may still run what was sent.
   */
  order(
    hostId: string,
    order: Order,
    on: (progress: Progress__Output) => void,
    signal: AbortSignal,
  ): Promise<Finished__Output>
  /** Asks a host about what it keeps. Fails with `unavailable` when it is not connected, or goes away, and `timeout`. */
  ask(hostId: string, question: Question & { readonly request_id: string }): Promise<Answer__Output>
}

export type FleetSetting = {
  /** What is right for a host now. */
  readonly modeOf: (hostId: string) => Promise<ModeNews>
  readonly catalogOf: (host: string) => CatalogNews
  /** Keeps what an agent says of itself. */
  readonly seen: (hostId: string, hello: Hello__Output | null, spooledReports: number) => Promise<void>
  readonly now: () => number
}

type Pending = {
  readonly order: Order
  readonly on: (progress: Progress__Output) => void
  readonly done: (finished: Finished__Output) => void
  readonly fail: (why: Failure) => void
  /** Runs from when it was sent until the agent has said a word of it. */
  unheard: Watchdog | null
}

export function openFleet(setting: FleetSetting): Fleet {
  return new LiveFleet(setting)
}

class LiveFleet implements Fleet {
  readonly #setting: FleetSetting
  readonly #streams = new Map<string, AgentStream>()
  readonly #watching = new Map<string, Watching__Output>()
  /** The streams again, by the names of their hosts. */
  readonly #named = new Map<string, AgentStream>()
  /** By host, then by the id of the request. */
  readonly #orders = new Map<string, Map<string, Pending>>()
  /** Questions that are not answered yet, by the id of the request. */
  readonly #asked = new Map<
    string,
    { hostId: string; done(answer: Answer__Output): void; fail(why: Failure): void }
  >()
  readonly #buckets: Buckets

  constructor(setting: FleetSetting) {
    this.#setting = setting
    this.#buckets = new Buckets(setting.now)
  }

  connected(hostId: string): boolean {
    return this.#streams.has(hostId)
  }

  watching(hostId: string): Watching__Output | null {
    return this.#watching.get(hostId) ?? null
  }

  get size(): number {
    return this.#streams.size
  }

  async follow(hostId: string, host: string, stream: AgentStream): Promise<void> {
    const messages = stream.messages[Symbol.asyncIterator]()
    const first = await within(HELLO_TIMEOUT_MS, messages.next())
    if (first.done || first.value.message !== 'hello' || !first.value.hello) {
      throw new Failure('invalid', 'a stream begins with hello')
    }
    const { hello } = first.value
    await this.#setting.seen(hostId, hello, hello.spooled_reports)
    this.#streams.get(hostId)?.end(new Failure('conflict', 'this host has opened another stream'))
    this.#streams.set(hostId, stream)
    try {
      // A mode that is set while this is asked for goes out behind the welcome, and is the same or newer.
      const mode = await this.#setting.modeOf(hostId)
      const now = this.#setting.now()
      const catalog = this.#setting.catalogOf(host)
      stream.send({ welcome: { host, catalog, mode, reconnect_within_ms: this.#reconnectWithin(), now } })
      // Not earlier: what is said before the welcome is not heard.
      this.#named.set(host, stream)
      // An agent that was asked before its stream broke is asked again; it knows requests by their ids.
      for (const pending of this.#orders.get(hostId)?.values() ?? []) this.#send(hostId, stream, pending)
      await this.#listen(hostId, messages)
    } finally {
      if (this.#named.get(host) === stream) this.#named.delete(host)
      if (this.#streams.get(hostId) === stream) this.#lost(hostId)
    }
  }

  modeChanged(hostId: string): void {
    const stream = this.#streams.get(hostId)
    if (stream === undefined) return
    this.#setting.modeOf(hostId).then(
      (mode) => stream.send({ mode }),
      (error: Error) => stream.end(error),
    )
  }

  catalogChanged(host: string): void {
    this.#named.get(host)?.send({ catalog: this.#setting.catalogOf(host) })
  }

  order(
    hostId: string,
    order: Order,
    on: (progress: Progress__Output) => void,
    signal: AbortSignal,
  ): Promise<Finished__Output> {
    const stream = this.#streams.get(hostId)
    if (stream === undefined) return Promise.reject(new Failure('unavailable', 'the host is not connected'))
    const mine = this.#orders.get(hostId) ?? new Map<string, Pending>()
    this.#orders.set(hostId, mine)
    return new Promise<Finished__Output>((done, fail) => {
      const pending = { order, on, done, fail, unheard: null }
      mine.set(order.request_id, pending)
      signal.addEventListener('abort', () => this.#giveUp(hostId, order, fail), { once: true })
      if (signal.aborted) return this.#giveUp(hostId, order, fail)
      this.#send(hostId, stream, pending)
    }).finally(() => {
      mine.get(order.request_id)?.unheard?.end()
      mine.delete(order.request_id)
      if (mine.size === 0 && this.#orders.get(hostId) === mine) this.#orders.delete(hostId)
    })
  }

  ask(hostId: string, question: Question & { readonly request_id: string }): Promise<Answer__Output> {
    const stream = this.#streams.get(hostId)
    if (stream === undefined) return Promise.reject(new Failure('unavailable', 'the host is not connected'))
    const { request_id } = question
    return new Promise<Answer__Output>((done, fail) => {
      this.#asked.set(request_id, { hostId, done, fail })
      const late = new Failure('timeout', `the host has not answered within ${QUESTION_TIMEOUT_MS / 1000} s`)
      setTimeout(() => fail(late), QUESTION_TIMEOUT_MS).unref()
      stream.send({ question })
    }).finally(() => this.#asked.delete(request_id))
  }

  #answered(hostId: string, answer: Answer__Output): void {
    const asked = this.#asked.get(answer.request_id)
    if (asked?.hostId === hostId) asked.done(answer)
  }

  #send(hostId: string, stream: AgentStream, pending: Pending): void {
    pending.unheard?.end()
    pending.unheard = watchdog(ORDER_HEARD_TIMEOUT_MS, () => this.#unheard(hostId, stream, pending))
    stream.send({ run: pending.order })
  }

  /** A host that says nothing is not there, whatever its connection says: it comes back with another stream. */
  #unheard(hostId: string, stream: AgentStream, { order, fail }: Pending): void {
    const seconds = ORDER_HEARD_TIMEOUT_MS / 1000
    const still = order.kind === 'RUN_KIND_APPLY' ? 'it was sent, and may still be applied' : 'it was sent'
    const hint =
      'the host counts as away until it comes back, and a run that it made will be in "drover runs"'
    fail(new Failure('unavailable', `the host has not answered within ${seconds} s: ${still}`, { hint }))
    stream.end(new Failure('timeout', `an order was not heard within ${seconds} s`))
    if (this.#streams.get(hostId) === stream) this.#lost(hostId)
  }

  /** Nobody waits any more: a look is called off, and an apply that has begun goes on. */
  #giveUp(hostId: string, { request_id, kind }: Order, fail: (why: Failure) => void): void {
    if (kind !== 'RUN_KIND_APPLY') this.#streams.get(hostId)?.send({ cancel: { request_id } })
    fail(new Failure('unavailable', 'nobody waits for this run any more'))
  }

  async #listen(hostId: string, messages: AsyncIterator<FollowRequest__Output>): Promise<void> {
    for (;;) {
      const { done, value } = await within(SILENCE_TIMEOUT_MS, messages.next())
      if (done) return
      // What comes too fast is read slowly, and then the connection holds its sender back.
      while (!this.#buckets.take(hostId, MAX_WORDS_AT_ONCE, WORDS_PER_MINUTE)) await delay(100)
      await this.#heard(hostId, value)
    }
  }

  async #heard(hostId: string, word: FollowRequest__Output): Promise<void> {
    const { received, progress, finished, alive, watching, answer } = word
    const request = (received ?? progress ?? finished)?.request_id
    const pending = request === undefined ? undefined : this.#orders.get(hostId)?.get(request)
    pending?.unheard?.end()
    if (progress) pending?.on(progress)
    else if (finished) pending?.done(finished)
    else if (answer) this.#answered(hostId, answer)
    else if (watching) this.#watching.set(hostId, boundedWatching(watching))
    else if (alive) await this.#setting.seen(hostId, null, alive.spooled_reports)
  }

  /** Orders outlast a broken stream for a while: an agent that reconnects goes on with them. */
  #lost(hostId: string): void {
    this.#streams.delete(hostId)
    this.#watching.delete(hostId)
    for (const asked of this.#asked.values())
      if (asked.hostId === hostId) asked.fail(new Failure('unavailable', 'the host went away'))
    const waiting = [...(this.#orders.get(hostId)?.values() ?? [])]
    if (waiting.length === 0) return
    const timer = setTimeout(() => {
      if (this.#streams.has(hostId)) return
      const why = new Failure('unavailable', 'the host went away while it ran', {
        hint: 'it goes on by itself and reports when it is back',
      })
      for (const { fail } of waiting) fail(why)
    }, RETURN_TIMEOUT_MS)
    timer.unref()
  }

  #reconnectWithin(): number {
    const all = (this.#streams.size / RECONNECTS_PER_SECOND) * 1000
    return Math.round(Math.min(Math.max(all, 10 * MIN_RECONNECT_WITHIN_MS), MAX_RECONNECT_WITHIN_MS))
  }
}

/** An agent may say anything, and it is kept. */
const boundedWatching = ({ types, ...counts }: Watching__Output): Watching__Output => {
  const known = types.slice(0, MAX_WATCHED_TYPES)
  return { ...counts, types: known.map((one) => ({ ...one, type: one.type.slice(0, MAX_TYPE_CHARACTERS) })) }
}
const MAX_WATCHED_TYPES = 100
const MAX_TYPE_CHARACTERS = 64

/** A peer that is silent for longer is gone, whatever its connection says. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = delay(ms, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new Failure('timeout', `nothing was heard for ${ms / 1000} s`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
  }
}

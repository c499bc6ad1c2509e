import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../lib/failure.ts'
import {
  HELLO_TIMEOUT_MS,
  MAX_RECONNECT_WITHIN_MS,
  MAX_WORDS_AT_ONCE,
  MIN_RECONNECT_WITHIN_MS,
  RECONNECTS_PER_SECOND,
  SILENCE_TIMEOUT_MS,
  WORDS_PER_MINUTE,
} from '../../lib/limits.ts'
import type { Answer__Output } from '../../proto/gen/drover/v1/Answer.ts'
import type { CatalogNews } from '../../proto/gen/drover/v1/CatalogNews.ts'
import type { Finished__Output } from '../../proto/gen/drover/v1/Finished.ts'
import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { Hello__Output } from '../../proto/gen/drover/v1/Hello.ts'
import type { ModeNews } from '../../proto/gen/drover/v1/ModeNews.ts'
import type { Progress__Output } from '../../proto/gen/drover/v1/Progress.ts'
import type { Question } from '../../proto/gen/drover/v1/Question.ts'
import type { Watching__Output } from '../../proto/gen/drover/v1/Watching.ts'
import { type AgentStream, bounded } from './agent-words.ts'
import { Buckets } from './buckets.ts'
import { type Order, Orders } from './orders.ts'
import { Questions } from './questions.ts'

/** Who is connected, what they were asked, and how far they have come. */
export interface Fleet {
  connected(hostId: string): boolean
  /** What the agent of a host listens to, as it said last; `null`: it is not connected, or has not said. */
  watching(hostId: string): Watching__Output | null
  /** How many hosts are connected. */
  readonly size: number
  /** Serves a stream until it ends. A later one of the same host ends it. */
  follow(hostId: string, host: string, stream: AgentStream): Promise<void>
  /** The host's mode may have changed. Resolves when it was sent, if the host is connected. */
  modeChanged(hostId: string): Promise<void>
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

export function openFleet(setting: FleetSetting): Fleet {
  return new LiveFleet(setting)
}

class LiveFleet implements Fleet {
  readonly #setting: FleetSetting
  readonly #streams = new Map<string, AgentStream>()
  readonly #watching = new Map<string, Watching__Output>()
  /** The streams again, by the names of their hosts. */
  readonly #named = new Map<string, AgentStream>()
  readonly #orders = new Orders({
    streamOf: (hostId) => this.#streams.get(hostId),
    deaf: (hostId, stream) => {
      if (this.#streams.get(hostId) === stream) this.#lost(hostId)
    },
  })
  readonly #questions = new Questions()
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
      this.#orders.sendAgain(hostId, stream)
      await this.#listen(hostId, messages)
    } finally {
      if (this.#named.get(host) === stream) this.#named.delete(host)
      if (this.#streams.get(hostId) === stream) this.#lost(hostId)
    }
  }

  async modeChanged(hostId: string): Promise<void> {
    const stream = this.#streams.get(hostId)
    if (stream === undefined) return
    try {
      stream.send({ mode: await this.#setting.modeOf(hostId) })
    } catch (error) {
      stream.end(error as Error)
    }
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
    return this.#orders.add(hostId, order, on, signal)
  }

  ask(hostId: string, question: Question & { readonly request_id: string }): Promise<Answer__Output> {
    const stream = this.#streams.get(hostId)
    if (stream === undefined) return Promise.reject(new Failure('unavailable', 'the host is not connected'))
    return this.#questions.ask(hostId, stream, question)
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
    const { alive, watching, answer, ...rest } = bounded(word)
    this.#orders.heard(hostId, rest)
    if (answer) this.#questions.answered(hostId, answer)
    else if (watching) this.#watching.set(hostId, watching)
    else if (alive) await this.#setting.seen(hostId, null, alive.spooled_reports)
  }

  #lost(hostId: string): void {
    this.#streams.delete(hostId)
    this.#watching.delete(hostId)
    this.#questions.lost(hostId)
    this.#orders.lost(hostId)
  }

  #reconnectWithin(): number {
    const all = (this.#streams.size / RECONNECTS_PER_SECOND) * 1000
    return Math.round(Math.min(Math.max(all, 10 * MIN_RECONNECT_WITHIN_MS), MAX_RECONNECT_WITHIN_MS))
  }
}

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

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type {
  Metadata,
  ServerDuplexStream,
  ServerErrorResponse,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { Failure } from '../../lib/failure.ts'
import { STANDING_EVERY_MS } from '../../lib/limits.ts'
import type { Log } from '../../lib/log.ts'
import { statusOf } from '../../proto/failures.ts'
import type { Audit } from './audit.ts'
import type { Buckets } from './buckets.ts'
import { type Caller, callerName } from './caller.ts'
import { type Admitted, type Gate, numberOf } from './gate.ts'
import type { Call } from './handlers.ts'
import { messagesOf } from './messages.ts'
import { METHODS, type Method } from './methods.ts'
import type { Peer } from './peer.ts'
import { allows, type Listener, type POLICY } from './policy.ts'
import type { Standings } from './standings.ts'

type Surface = {
  readonly metadata: Metadata
  cancelled: boolean
  on(event: string, heard: () => void): unknown
}
type Streaming = ServerDuplexStream<unknown, unknown>
type Method_ = (request: unknown, call: Call) => unknown

/** One call that is under way. */
type Open = { readonly peer: Peer; readonly method: Method; readonly abort: AbortController }

export type GuardSetting = {
  readonly listener: Listener
  readonly gate: Gate
  readonly standings: Standings
  readonly buckets: Buckets
  readonly audit: Audit
  readonly now: () => number
  /** Names a fault, for whoever is told of it and for the log. */
  readonly newId: () => string
  readonly log: Log
}

/**
 * Stands around every method: who calls is read from the certificate and looked up, the policy is asked, limits are
 * counted, and what is thrown becomes a status that says no more than it should.
 */
export class Guard {
  readonly #setting: GuardSetting
  readonly #open = new Set<Open>()
  readonly #timer: NodeJS.Timeout
  readonly #waiting: (() => void)[] = []

  constructor(setting: GuardSetting) {
    this.#setting = setting
    this.#timer = setInterval(() => this.#endExpired(), STANDING_EVERY_MS)
    this.#timer.unref()
  }

  /** Nothing is under way but streams that have no end of their own. */
  async quiet(): Promise<void> {
    while ([...this.#open].some(({ method }) => !isEndless(method))) {
      await new Promise<void>((wake) => this.#waiting.push(wake))
    }
  }

  /** Ends what is still open, such as the streams of agents. */
  close(why: Failure): void {
    clearInterval(this.#timer)
    for (const { abort } of this.#open) abort.abort(why)
  }

  /** Ends the open calls of one identity. */
  cut(key: string, why: Failure): void {
    for (const { peer, abort } of this.#open) if (peer.key === key) abort.abort(why)
  }

  /** The methods of one service, as grpc asks for them. */
  service(service: keyof typeof POLICY, handlers: object): UntypedServiceImplementation {
    const guarded: UntypedServiceImplementation = {}
    for (const method of METHODS.values()) {
      if (method.service !== service) continue
      const handler = (handlers as Readonly<Record<string, Method_>>)[method.name]
      if (handler === undefined) throw new Error(`${service}.${method.name} is not built`)
      guarded[method.name] = method.responseStream ? this.#streaming(handler) : this.#single(handler)
    }
    return guarded
  }

  #single(handler: Method_) {
    return (call: Surface, callback: sendUnaryData<unknown>) => {
      const request = 'request' in call ? call.request : undefined
      const answer = async (one: Call, method: Method) => {
        const argument = method.requestStream ? this.#checked(call as unknown as Readable, one) : request
        return (await handler(argument, one)) as object
      }
      this.#run(call, request, answer).then(
        (response) => callback(null, response),
        (failure: ServerErrorResponse) => callback(failure),
      )
    }
  }

  #streaming(handler: Method_) {
    return (call: Streaming & { readonly request?: unknown }) => {
      const answer = async (one: Call, method: Method) => {
        const argument = method.requestStream ? this.#checked(call, one) : call.request
        await send(call, handler(argument, one) as AsyncIterable<unknown>, one.signal)
      }
      this.#run(call, call.request, answer).then(
        () => call.end(),
        (failure: ServerErrorResponse) => call.emit('error', failure),
      )
    }
  }

  /** From a call to its answer, or to the status that it ends with. */
  async #run<T>(
    call: Surface,
    request: unknown,
    answer: (one: Call, method: Method) => Promise<T>,
  ): Promise<T> {
    const admitted = this.#setting.gate.admitted(numberOf(call.metadata))
    const abort = new AbortController()
    let isAnswered = false
    call.on('cancelled', () => {
      // Said of calls that have come to their end too, where nobody listens any more.
      if (!isAnswered) abort.abort(new Failure('unavailable', 'the call is over'))
    })
    let caller: Caller | null = null
    try {
      if (admitted === undefined || call.cancelled) throw new Failure('unavailable', 'the call is over')
      caller = await this.#callerOf(admitted)
      this.#allow(admitted.method, caller)
      const one = { caller, peer: admitted.peer, signal: abort.signal }
      const open = { peer: admitted.peer, method: admitted.method, abort }
      this.#open.add(open)
      const done = await unlessAborted(answer(one, admitted.method), abort.signal).finally(() => {
        isAnswered = true
        this.#open.delete(open)
        for (const wake of this.#waiting.splice(0)) wake()
      })
      await this.#audit(admitted, caller, request, null)
      return done
    } catch (thrown) {
      const failure = this.#failureOf(thrown, admitted, caller)
      if (admitted !== undefined) await this.#audit(admitted, caller, request, failure)
      throw statusOf(failure)
    }
  }

  async #callerOf({ peer }: Admitted): Promise<Caller> {
    const { listener, now, standings } = this.#setting
    if (listener === 'local') return { kind: 'local', name: 'local' }
    if (peer.expiresAt <= now()) throw new Failure('unauthenticated', 'this certificate has expired')
    return standings.callerOf(peer)
  }

  #allow({ name, service, rule }: Method, caller: Caller): void {
    const { listener, buckets } = this.#setting
    if (caller.kind === 'anonymous' && rule.who !== 'anyone') {
      throw new Failure('unauthenticated', 'there is no certificate that is valid')
    }
    if (!rule.listeners.includes(listener) || !allows(rule, caller)) {
      const needs = rule.who === 'agent' ? 'only agents may' : `it takes the role ${rule.who}`
      throw new Failure('denied', `you may not call ${name}: ${needs}`)
    }
    const key = `${service}/${name} ${caller.kind} ${caller.kind === 'agent' ? caller.id : callerName(caller)}`
    if (!buckets.take(key, rule.burst, rule.perMinute)) {
      throw new Failure('exhausted', `too many calls of ${name}`, { hint: 'try again in a minute' })
    }
  }

  /** A stream's messages, each taken only while its sender may still call. */
  async *#checked(requests: Readable, { peer, signal }: Call): AsyncIterable<unknown> {
    for await (const request of messagesOf(requests)) {
      signal.throwIfAborted()
      if (peer.expiresAt <= this.#setting.now())
        throw new Failure('unauthenticated', 'this certificate has expired')
      yield request
    }
  }

  #endExpired(): void {
    const now = this.#setting.now()
    for (const { peer, abort } of this.#open) {
      if (peer.expiresAt <= now) abort.abort(new Failure('unauthenticated', 'this certificate has expired'))
    }
  }

  /** What is no Failure is a fault of ours: the peer gets a number, the log the rest. */
  #failureOf(thrown: unknown, admitted: Admitted | undefined, caller: Caller | null): Failure {
    const { log, newId } = this.#setting
    const by = caller === null ? (admitted?.peer.key ?? 'unknown') : callerName(caller)
    const method = admitted?.method.name
    if (thrown instanceof Failure && thrown.code !== 'internal') {
      log.debug('call failed', { method, by, code: thrown.code, why: thrown.message })
      return thrown
    }
    const id = newId()
    const stack = thrown instanceof Error ? `${thrown.stack}${causeOf(thrown)}` : String(thrown)
    log.error('internal error', { id, method, by, stack })
    return new Failure('internal', `internal error, see the master's log, id ${id}`)
  }

  async #audit({ method, peer }: Admitted, caller: Caller | null, request: unknown, failure: Failure | null) {
    if (!method.rule.audited) return
    const actor = caller === null ? peer.key : callerName(caller)
    await this.#setting.audit(actor, method.name, request, failure)
  }
}

/** Only agents stay: what an operator waits for comes to an end. */
const isEndless = ({ service, rule }: Method) => service === 'Agent' && rule.deadlineMs === null

const causeOf = (error: Error) => (error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '')

/** An answer that does not listen to its signal is waited for no longer than the call lasts. */
async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
  answer.catch(() => undefined)
  return Promise.race([answer, aborted])
}

/** No faster than the peer reads. */
async function send(call: Streaming, responses: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
  for await (const response of responses) {
    signal.throwIfAborted()
    if (!call.write(response)) await once(call, 'drain', { signal })
  }
}

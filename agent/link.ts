import { join } from 'node:path'
import type { ClientDuplexStream } from '@grpc/grpc-js'
import type { Failure } from '../lib/failure.ts'
import {
  ALIVE_EVERY_MS,
  CALL_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  RECONNECT_MAX_MS,
} from '../lib/limits.ts'
import type { FollowRequest } from '../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse__Output } from '../proto/gen/drover/v1/FollowResponse.ts'
import type { Hello } from '../proto/gen/drover/v1/Hello.ts'
import type { Welcome__Output } from '../proto/gen/drover/v1/Welcome.ts'
import { watchdog } from '../proto/watchdog.ts'
import { delayOf } from './backoff.ts'
import { type Calls, callsOf } from './calls.ts'
import { readJson, writeJson } from './records.ts'
import { type Credentials, failureOf, openWire, type Place, type Wire } from './wire.ts'

export type { Calls, ReceivedCatalog } from './calls.ts'
export type { Credentials } from './wire.ts'

/** Scaled down in tests; milliseconds. */
export type LinkTimes = {
  /** From the first packet to the master's welcome. */
  readonly connectMs: number
  readonly callMs: number
  readonly keepaliveMs: number
  readonly keepaliveTimeoutMs: number
  readonly aliveMs: number
}

const TIMES: LinkTimes = {
  connectMs: CONNECT_TIMEOUT_MS,
  callMs: CALL_TIMEOUT_MS,
  keepaliveMs: KEEPALIVE_MS,
  keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
  aliveMs: ALIVE_EVERY_MS,
}

export type LinkSettings = {
  /** `host:port`; tried in turn. */
  readonly addresses: readonly string[]
  /** Asked before each connection, so that a renewed certificate is used from then on. */
  readonly credentials: () => Credentials
  /** Where it keeps what outlives the process: how soon to come back, and where the master was. */
  readonly stateDir: string
  readonly times?: Partial<LinkTimes>
  /** Uniform in [0, 1). */
  readonly chance?: () => number
  /** The first attempt is made at once. */
  readonly atOnce?: boolean
}

/** What the owner of a link is told. */
export type Hearer = {
  readonly hello: () => Omit<Hello, 'now'>
  /** The stream is open; calls work now. */
  readonly welcome: (welcome: Welcome__Output) => void
  readonly heard: (message: FollowResponse__Output) => void
  /** The stream is gone, or an attempt failed. The link tries again by itself. */
  readonly away: (why: Failure, retryMs: number) => void
}

/** The agent's connection to its master: lost and found again by itself. */
export interface Link {
  /** `null` while the master is away. */
  readonly calls: Calls | null
  /** Something is under way that ends by itself: a wait, an attempt, a stream with its keepalive. */
  readonly sound: boolean
  /** What is worth nothing later, such as how far a run has come: dropped while the master is away. */
  mention(message: FollowRequest): void
  /** Kept until it is sent. */
  send(message: FollowRequest): void
  close(): void
}

type Follow = ClientDuplexStream<FollowRequest, FollowResponse__Output>

const LINGER_MS = 1000

/** What outlives the process. */
type Memory = { readonly withinMs: number; readonly ips: Readonly<Record<string, string>> }

/** Follows the master until it is closed. */
export function openLink(settings: LinkSettings, hearer: Hearer): Link {
  const times = { ...TIMES, ...settings.times }
  const chance = settings.chance ?? Math.random
  const file = join(settings.stateDir, 'link')
  const outbox: FollowRequest[] = []
  let memory: Memory = readJson<Memory>(file) ?? { withinMs: 0, ips: {} }
  let failed = 0
  let attempts = 0
  let closed = false
  let timer: NodeJS.Timeout | null = null
  let open: { wire: Wire; stream: Follow; calls: Calls | null } | null = null

  const wait = (ms: number) => {
    timer = setTimeout(attempt, ms)
  }

  function attempt(): void {
    timer = null
    const place = placeOf(settings.addresses, memory, attempts++)
    let wire: Wire
    try {
      wire = openWire(place, settings.credentials(), times)
    } catch (error) {
      lost(failureOf(error, place.name))
      return
    }
    const stream = wire.client.follow() as Follow
    const guard = watchdog(times.connectMs, () => stream.cancel())
    const current = { wire, stream, calls: null as Calls | null }
    open = current
    const end = (error: unknown) => {
      if (open !== current) return
      guard.end()
      open = null
      wire.destroy()
      lost(
        guard.late
          ? failureOf({ details: `no welcome within ${times.connectMs} ms` }, place.name)
          : failureOf(error, place.name),
      )
    }
    stream.on('error', end)
    stream.on('end', () => end({ code: 14, details: 'the master ended the stream' }))
    stream.on('data', (message: FollowResponse__Output) => {
      if (open !== current) return
      if (current.calls !== null) hearer.heard(message)
      else if (message.welcome) {
        guard.end()
        current.calls = callsOf(wire.client, times.callMs)
        welcomed(place, stream, message.welcome)
      }
    })
    stream.write({ hello: { ...hearer.hello(), now: Date.now() } })
  }

  function welcomed(place: Place, stream: Follow, welcome: Welcome__Output): void {
    failed = 0
    remember({ withinMs: welcome.reconnect_within_ms, ips: { ...memory.ips, ...ipOf(place, stream) } })
    for (const message of [...outbox]) post(stream, message)
    hearer.welcome(welcome)
    say(stream)
  }

  /** The first word of a minute is not that of all agents. */
  function say(stream: Follow): void {
    const ms = times.aliveMs * (0.8 + 0.4 * chance())
    const alive = () => {
      if (open?.stream !== stream) return
      stream.write({ alive: { spooled_reports: hearer.hello().spooled_reports ?? 0 } })
      say(stream)
    }
    setTimeout(alive, ms).unref()
  }

  function lost(why: Failure): void {
    if (closed) return
    // Who is refused is refused next time too, until somebody does something about it.
    const bound =
      why.code === 'denied' ? RECONNECT_MAX_MS * chance() : delayOf(failed, memory.withinMs, chance())
    failed += 1
    hearer.away(why, bound)
    wait(bound)
  }

  function remember(next: Memory): void {
    if (JSON.stringify(next) === JSON.stringify(memory)) return
    memory = next
    try {
      writeJson(file, memory)
    } catch {
      // A full disk must not keep the agent from its master; what is forgotten costs one lookup, or one wait.
    }
  }

  function post(stream: Follow, message: FollowRequest): void {
    stream.write(message, (error?: Error | null) => {
      const at = outbox.indexOf(message)
      if (!error && at >= 0) outbox.splice(at, 1)
    })
  }

  // Whoever lost its power with a thousand others comes back as slowly as they do.
  wait(settings.atOnce || memory.withinMs === 0 ? 0 : delayOf(0, memory.withinMs, chance()))
  return {
    get calls() {
      return open?.calls ?? null
    },
    get sound() {
      return closed || timer !== null || open !== null
    },
    mention(message) {
      if (open?.calls) open.stream.write(message)
    },
    send(message) {
      outbox.push(message)
      if (open?.calls) post(open.stream, message)
    },
    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      const last = open
      open = null
      if (last === null) return
      last.stream.on('error', () => undefined)
      last.stream.end()
      // What was said last is still on its way.
      if (last.calls === null) last.wire.destroy()
      else setTimeout(last.wire.destroy, LINGER_MS).unref()
    },
  }
}

/** Each address in turn, then where they were when they could last be looked up. */
export function placeOf(addresses: readonly string[], { ips }: Pick<Memory, 'ips'>, attempt: number): Place {
  const known = addresses.flatMap((name): Place[] => {
    const ip = ips[name]
    return ip === undefined ? [] : [{ name, ip }]
  })
  const places = [...addresses.map((name): Place => ({ name, ip: null })), ...known]
  const place = places[attempt % places.length]
  if (place === undefined) throw new Error('an agent without the address of a master')
  return place
}

/** Where a name led to, for the day on which it leads nowhere. */
function ipOf({ name }: Place, stream: Follow): Record<string, string> {
  const peer = stream.getPeer()
  return peer !== name && /^(\d+(\.\d+){3}|\[[0-9a-f:]+\]):\d+$/.test(peer) ? { [name]: peer } : {}
}

import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import {
  type ChannelCredentials,
  type ClientReadableStream,
  credentials,
  makeClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { Failure, type FailureCode, reasonOf } from '../lib/failure.ts'
import { MAX_MESSAGE_BYTES } from '../lib/limits.ts'
import type { AgentClient } from '../proto/gen/drover/v1/Agent.ts'
import { agentService } from '../proto/services.ts'
import { watchdog } from '../proto/watchdog.ts'

/** What an agent shows the master, and whom it trusts; PEM. */
export type Credentials = { readonly key: string; readonly chain: string; readonly roots: string }

export type WireTimes = {
  readonly keepaliveMs: number
  readonly keepaliveTimeoutMs: number
}

/** Where to connect: a name, and perhaps the address that it had when it was last reached. */
export type Place = { readonly name: string; readonly ip: string | null }

const AgentService = makeClientConstructor(agentService, 'Agent')

/** A client for one connection, which it makes with its first call. */
export type Wire = {
  readonly client: AgentClient
  /** Ends everything at once, a connection that is only being made too. */
  destroy(): void
}

export function openWire({ name, ip }: Place, { key, chain, roots }: Credentials, times: WireTimes): Wire {
  const context = createSecureContext({ key, cert: chain, ca: roots, minVersion: 'TLSv1.3' })
  const sockets = new Set<Socket>()
  const secured = tracked(credentials.createFromSecureContext(context), sockets)
  const client = new AgentService(target(ip ?? name), secured, {
    // A connection of its own for each attempt, so that no attempt inherits another's back-off.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.keepalive_time_ms': times.keepaliveMs,
    'grpc.keepalive_timeout_ms': times.keepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    ...(ip !== null && {
      'grpc.ssl_target_name_override': hostOf(name),
      'grpc.default_authority': name,
    }),
  }) as unknown as AgentClient
  return {
    client,
    destroy() {
      client.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** grpc-js keeps a socket whose peer never ends the handshake, whatever becomes of the channel. */
function tracked(secured: ChannelCredentials, sockets: Set<Socket>): ChannelCredentials {
  const make = secured._createSecureConnector.bind(secured)
  secured._createSecureConnector = (...given) => {
    const connector = make(...given)
    const connect = connector.connect.bind(connector)
    connector.connect = (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return connect(socket)
    }
    return connector
  }
  return secured
}

const hostOf = (address: string) => address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')

/** grpc-js wants to be told that an address is one of IPv6. */
const target = (address: string) => (address.startsWith('[') ? `ipv6:${address}` : address)

/** What a peer's status means here; what is not named is a fault. */
const CODES: Partial<Record<status, FailureCode>> = {
  [status.CANCELLED]: 'unavailable',
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.OUT_OF_RANGE]: 'invalid',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.NOT_FOUND]: 'not-found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.FAILED_PRECONDITION]: 'conflict',
  [status.ABORTED]: 'unavailable',
  [status.PERMISSION_DENIED]: 'denied',
  [status.UNAUTHENTICATED]: 'denied',
  [status.RESOURCE_EXHAUSTED]: 'unavailable',
  [status.UNAVAILABLE]: 'unavailable',
}

export function failureOf(error: unknown, method: string): Failure {
  if (error instanceof Failure) return error
  const { code, details } = error as Partial<ServiceError>
  const said = details || reasonOf(error)
  return new Failure(CODES[code ?? status.UNKNOWN] ?? 'internal', `${method}: ${said}`, { cause: error })
}

type Call = { cancel(): void }

/** The answer to one call, or a failure when nothing has been heard or sent for so long. */
export function unary<T>(
  method: string,
  timeoutMs: number,
  begin: (done: (error: ServiceError | null, answer?: T) => void, heard: () => void) => Call,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, answer?: T) => {
      guard.end()
      if (answer !== undefined && error === null) resolve(answer)
      else if (guard.late) reject(new Failure('timeout', `${method}: no answer within ${timeoutMs} ms`))
      else reject(failureOf(error, method))
    }
    const call = begin(done, () => guard.heard())
    const guard = watchdog(timeoutMs, () => call.cancel())
  })
}

/** The messages of a stream, as long as they keep coming. */
export async function* messages<T>(
  method: string,
  quietMs: number,
  call: ClientReadableStream<T>,
): AsyncGenerator<T> {
  const guard = watchdog(quietMs, () => call.cancel())
  try {
    for await (const message of call) {
      guard.heard()
      yield message as T
    }
  } catch (error) {
    if (guard.late) throw new Failure('timeout', `${method}: nothing came for ${quietMs} ms`)
    throw failureOf(error, method)
  } finally {
    guard.end()
    call.cancel()
  }
}

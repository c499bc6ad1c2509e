import { setTimeout as delay } from 'node:timers/promises'
import { Server, type ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { Failure } from '../../lib/failure.ts'
import {
  CONNECTION_AGE_GRACE_MS,
  CONNECTION_AGE_MS,
  CONNECTION_IDLE_MS,
  KEEPALIVE_MS,
  KEEPALIVE_TIMEOUT_MS,
  MAX_CALLS_PER_CONNECTION,
  MAX_CONNECTION_MEGABYTES,
  MAX_MESSAGE_BYTES,
} from '../../lib/limits.ts'
import { agentService, enrollmentService, operatorService } from '../../proto/services.ts'
import { guardServer } from './gate.ts'
import { Guard, type GuardSetting } from './guard.ts'
import { type Identify, peerOf } from './peer.ts'
import type { Listener } from './policy.ts'
import type { Sessions } from './sessions.ts'

const DEFINITIONS = { Agent: agentService, Enrollment: enrollmentService, Operator: operatorService }

/** The services that each listener has; a method of another one is not known there. */
const SERVED = {
  main: ['Agent', 'Operator'],
  enrollment: ['Enrollment'],
  local: ['Operator'],
} as const satisfies Record<Listener, readonly (keyof typeof DEFINITIONS)[]>

/** Of grpc-js nearly everything is off or without a bound. */
const OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_concurrent_streams': MAX_CALLS_PER_CONNECTION,
  'grpc-node.max_session_memory': MAX_CONNECTION_MEGABYTES,
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  'grpc.max_connection_age_ms': CONNECTION_AGE_MS,
  'grpc.max_connection_age_grace_ms': CONNECTION_AGE_GRACE_MS,
  'grpc.max_connection_idle_ms': CONNECTION_IDLE_MS,
  // It describes the server to whoever asks.
  'grpc.enable_channelz': 0,
}

export type DoorSetting = Omit<GuardSetting, 'gate'> & {
  /** `address:port`, or `unix:/path`. */
  readonly at: string
  readonly credentials: ServerCredentials
  readonly identify: Identify
  readonly sessions: Sessions
  /** The methods of each service. */
  readonly handlers: Readonly<Record<keyof typeof DEFINITIONS, object>>
}

/** One listener with what it serves. */
export type Door = {
  /** Where it really listens. */
  readonly address: string
  readonly guard: Guard
  close(graceMs: number): Promise<void>
}

export async function openDoor(setting: DoorSetting): Promise<Door> {
  const { listener, sessions, identify, now, log } = setting
  const server = new Server(OPTIONS)
  const gate = guardServer(server, (session) => {
    const peer = peerOf(session, listener, identify, now())
    return sessions.enter(session, peer) ? peer : null
  })
  const guard = new Guard({ ...setting, gate })
  for (const service of SERVED[listener]) {
    const methods: UntypedServiceImplementation = guard.service(service, setting.handlers[service])
    server.addService(DEFINITIONS[service], methods)
  }
  const port = await bind(server, setting)
  const address = setting.at.startsWith('unix:') ? setting.at : setting.at.replace(/:\d+$/, `:${port}`)
  log.info('listening', { listener, address })
  return {
    address,
    guard,
    async close(graceMs) {
      const shut = new Promise<void>((done) => server.tryShutdown(() => done()))
      await Promise.race([guard.quiet(), delay(graceMs, undefined, { ref: false })])
      guard.close(new Failure('unavailable', 'the master is stopping'))
      // Peers that do not hang up by themselves are hung up.
      await Promise.race([shut, delay(Math.min(graceMs, 1000))])
      server.forceShutdown()
    },
  }
}

function bind(server: Server, { at, credentials, listener }: DoorSetting): Promise<number> {
  return new Promise((done, fail) => {
    server.bindAsync(at, credentials, (error, port) => {
      if (error === null) return done(port)
      fail(
        new Failure('unavailable', `can't listen: ${error.message}`, {
          about: `${listener} ${at}`,
          cause: error,
        }),
      )
    })
  })
}

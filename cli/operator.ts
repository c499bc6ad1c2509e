import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { Failure } from '../lib/failure.ts'
import {
  MAX_OPERATOR_ANSWER_BYTES,
  OPERATOR_CALL_TIMEOUT_MS,
  OPERATOR_CONNECT_TIMEOUT_MS,
} from '../lib/limits.ts'
import { failureOf } from '../proto/failures.ts'
import type { OperatorDefinition } from '../proto/gen/drover/v1/Operator.ts'
import { operatorService } from '../proto/services.ts'
import { type MasterOptions, type Place, placeOf } from './master-place.ts'
import type { Environment } from './print.ts'

/** The names of methods, without what the definition of any service allows besides. */
type Named<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: true }
type Method = Named<OperatorDefinition>
/** Methods that answer in pieces, and those that answer once. */
export type StreamMethod = Extract<
  Method,
  'Rehearse' | 'Run' | 'Undo' | 'Backup' | 'GetCompiled' | 'CompareCatalogs'
>
export type UnaryMethod = Exclude<Method, StreamMethod>

export type RequestOf<M extends Method> =
  OperatorDefinition[M] extends MethodDefinition<infer Request, infer _A, infer _B, infer _C>
    ? Request
    : never
export type ResponseOf<M extends Method> =
  OperatorDefinition[M] extends MethodDefinition<infer _A, infer _B, infer _C, infer Response>
    ? Response
    : never

/** A master, as operators call it. All throw `Failure`. */
export interface Operator {
  call<M extends UnaryMethod>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>>
  /** What comes until the call ends or `signal` ends it. */
  stream<M extends StreamMethod>(
    method: M,
    request: RequestOf<M>,
    signal?: AbortSignal,
  ): AsyncGenerator<ResponseOf<M>>
  close(): void
}

export type Deadlines = { readonly connectMs: number; readonly callMs: number }
const DEADLINES: Deadlines = { connectMs: OPERATOR_CONNECT_TIMEOUT_MS, callMs: OPERATOR_CALL_TIMEOUT_MS }

/** Does something with the master that the command line or the environment names. */
export async function withOperator<T>(
  { env }: { readonly env: Environment },
  options: MasterOptions,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const operator = await openOperator(await placeOf(options, env))
  try {
    return await work(operator)
  } finally {
    operator.close()
  }
}

export async function openOperator(place: Place, deadlines: Deadlines = DEADLINES): Promise<Operator> {
  const { client, at } = await connect(place, deadlines.connectMs)
  const explain = (error: ServiceError, method: string) => explained(error, { at, method, place })
  return {
    call(method, request) {
      const { path, requestSerialize, responseDeserialize } = operatorService[method]
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize as (value: unknown) => Buffer,
          responseDeserialize as (bytes: Buffer) => never,
          request,
          new Metadata(),
          deadline(deadlines.callMs),
          (error, response) => (error ? reject(explain(error, method)) : resolve(response as never)),
        )
      })
    },
    async *stream(method, request, signal) {
      const { path, requestSerialize, responseDeserialize } = operatorService[method]
      const call = client.makeServerStreamRequest(
        path,
        requestSerialize as (value: unknown) => Buffer,
        responseDeserialize as (bytes: Buffer) => never,
        request,
        new Metadata(),
        {},
      )
      const cancel = () => call.cancel()
      signal?.addEventListener('abort', cancel)
      if (signal?.aborted) cancel()
      try {
        for await (const message of call) yield message
      } catch (error) {
        if (signal?.aborted) return
        throw explain(error as ServiceError, method)
      } finally {
        signal?.removeEventListener('abort', cancel)
        call.cancel()
      }
    },
    close: () => client.close(),
  }
}

const deadline = (ms: number): CallOptions => ({ deadline: Date.now() + ms })

const OPTIONS = {
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_receive_message_length': MAX_OPERATOR_ANSWER_BYTES,
  // An address says where the master is; a proxy for the web knows nothing of it.
  'grpc.enable_http_proxy': 0,
}

type Connected = { readonly client: Client; readonly at: string }

/** The first address that answers; when none does, the last one, whose calls then say why. */
async function connect(place: Place, connectMs: number): Promise<Connected> {
  const targets = place.kind === 'socket' ? [`unix:${place.path}`] : place.addresses
  const tls = credentialsOf(place)
  for (const [i, target] of targets.entries()) {
    const client = new Client(target.startsWith('[') ? `ipv6:${target}` : target, tls, OPTIONS)
    const at = place.kind === 'socket' ? place.path : target
    const state = await settled(client, connectMs)
    if (state === 'ready' || (state === 'failed' && i === targets.length - 1)) return { client, at }
    client.close()
    if (state === 'silent' && i === targets.length - 1) {
      throw new Failure('timeout', `no answer within ${connectMs / 1000} s`, {
        about: at,
        hint: 'is the address right, and is its port open from here?',
      })
    }
  }
  throw new Failure('invalid', 'the identity names no address of a master')
}

function credentialsOf(place: Place): ChannelCredentials {
  return place.kind === 'socket'
    ? credentials.createInsecure()
    : credentials.createSsl(Buffer.from(place.roots), Buffer.from(place.key), Buffer.from(place.chain))
}

/** grpc-js tries on and on; one attempt is enough for a person who waits. */
async function settled(client: Client, connectMs: number): Promise<'ready' | 'failed' | 'silent'> {
  const channel = client.getChannel()
  const end = Date.now() + connectMs
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return 'ready'
    if (state === connectivityState.TRANSIENT_FAILURE) return 'failed'
    const late = await new Promise((resolve) => channel.watchConnectivityState(state, end, resolve))
    if (late) return 'silent'
  }
}

type Asked = { readonly at: string; readonly method: string; readonly place: Place }

/** What a call ended with, in words that say what to do. */
function explained(error: ServiceError, { at, method, place }: Asked): Failure {
  const cause = error
  switch (error.code) {
    case status.UNAVAILABLE: {
      // What the master itself says has no such prefix.
      if (!/^(No connection established|Connection dropped|Name resolution)/.test(error.details)) break
      const why = /Last error: (.*?)(?:\.? Resolution note.*)?$/.exec(error.details)?.[1] ?? error.details
      return new Failure('unavailable', `the master does not answer: ${why}`, {
        about: at,
        hint: awayHint(place),
        cause,
      })
    }
    case status.CANCELLED:
      return new Failure('unavailable', 'the master ended the call', { about: at, cause })
    case status.DEADLINE_EXCEEDED:
      return new Failure('timeout', `${method}: no answer in time`, { about: at, cause })
    case status.UNIMPLEMENTED:
      return new Failure('invalid', `the master knows no ${method}`, {
        about: at,
        hint: 'it is of another version than this drover: see "drover doctor"',
        cause,
      })
    default:
  }
  return failureOf(error)
}

const awayHint = (place: Place) =>
  place.kind === 'socket'
    ? 'does it run? systemctl status drover-master'
    : 'does it run there, and has its certificate this name?'

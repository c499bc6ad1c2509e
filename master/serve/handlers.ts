import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js'
import type { Caller } from './caller.ts'
import type { Peer } from './peer.ts'
import type { Methods } from './policy.ts'

/** What a method knows beside its request. */
export type Call = {
  readonly caller: Caller
  readonly peer: Peer
  /** Ends when the peer is gone, its time is over, or it was cut off. */
  readonly signal: AbortSignal
}

type First<H> = H extends (call: infer C, ...rest: never[]) => unknown ? C : never
type Answer<H> = H extends (call: never, callback: sendUnaryData<infer S>) => unknown ? S : never

/** A method as a plain function, made of the one that grpc asks for. */
export type Plain<H> =
  First<H> extends ServerDuplexStream<infer Q, infer S>
    ? (requests: AsyncIterable<Q>, call: Call) => AsyncIterable<S>
    : First<H> extends ServerWritableStream<infer Q, infer S>
      ? (request: Q, call: Call) => AsyncIterable<S>
      : First<H> extends ServerReadableStream<infer Q, unknown>
        ? (requests: AsyncIterable<Q>, call: Call) => Promise<Answer<H>>
        : First<H> extends ServerUnaryCall<infer Q, unknown>
          ? (request: Q, call: Call) => Promise<Answer<H>>
          : never

/** All methods of a service as plain functions. */
export type Handlers<H> = { readonly [Name in Methods<H>]: Plain<H[Name]> }

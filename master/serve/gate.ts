import {
  constants,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { type Server, status } from '@grpc/grpc-js'
import { MAX_CALLS_PER_CONNECTION, MAX_HEADER_BYTES } from '../../lib/limits.ts'
import { type FrameFault, FrameWatch } from './frames.ts'
import { METHODS, type Method } from './methods.ts'
import type { Peer } from './peer.ts'
import { timeoutHeader, timeoutOf } from './timeout.ts'

/** Set by the gate on each call, whatever the peer sent. */
const NUMBER_HEADER = 'drover-call'

export type Admitted = { readonly peer: Peer; readonly method: Method }

export type Gate = {
  /** What is known of a call that has come through, by its metadata. */
  admitted(number: string): Admitted | undefined
}

type Open = (session: ServerHttp2Session) => Peer | null
type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void

/**
 * Stands between HTTP/2 and grpc-js, which has no place of its own for what must be refused before it looks: it sees
 * each connection when it opens, and each call before it is read.
 */
export function guardServer(server: Server, open: Open): Gate {
  const peers = new WeakMap<object, Peer>()
  const calls = new Map<string, Admitted>()
  let number = 0

  onHttp2Server(server, (http2) => {
    http2.updateSettings({
      maxConcurrentStreams: MAX_CALLS_PER_CONNECTION,
      maxHeaderListSize: MAX_HEADER_BYTES,
    })
    http2.prependListener('session', (session) => {
      const peer = open(session)
      if (peer !== null) peers.set(session, peer)
    })
    const [pass] = http2.listeners('stream') as StreamListener[]
    http2.removeAllListeners('stream')
    http2.on('stream', (stream, headers, flags) => {
      const peer = stream.session && peers.get(stream.session)
      if (!peer) return stream.close(constants.NGHTTP2_REFUSED_STREAM)
      const method = METHODS.get(headers[':path'] ?? '')
      if (method === undefined) return pass?.(stream, headers, flags)
      const refused = refusalOf(headers, method)
      if (refused !== null) return refuse(stream, refused.code, refused.details)
      number += 1
      const key = String(number)
      calls.set(key, { peer, method })
      stream.once('close', () => calls.delete(key))
      headers[NUMBER_HEADER] = key
      pass?.(stream, headers, flags)
      watch(stream, method)
    })
  })
  return { admitted: (key) => calls.get(key) }
}

export const numberOf = (metadata: { get(key: string): (string | Buffer)[] }) =>
  String(metadata.get(NUMBER_HEADER)[0])

type Refusal = { readonly code: status; readonly details: string }

/** Looks at the headers, and puts the time that the call really has into them. */
function refusalOf(headers: IncomingHttpHeaders, method: Method): Refusal | null {
  const encoding = headers['grpc-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    return { code: status.UNIMPLEMENTED, details: 'compressed messages are not taken' }
  }
  const timeout = timeoutOf(headers['grpc-timeout'] as string | undefined, method.rule.deadlineMs)
  if (timeout === 'invalid') return { code: status.INVALID_ARGUMENT, details: 'grpc-timeout is none' }
  if (timeout === null) delete headers['grpc-timeout']
  else headers['grpc-timeout'] = timeoutHeader(timeout)
  return null
}

const FAULTS: Readonly<Record<FrameFault, Refusal>> = {
  compressed: { code: status.UNIMPLEMENTED, details: 'compressed messages are not taken' },
  'second message': { code: status.INVALID_ARGUMENT, details: 'this method takes one message' },
  truncated: { code: status.INVALID_ARGUMENT, details: 'the message is cut short' },
}

/** Sees the data before grpc-js does; that one pauses the stream, and a listener put in front leaves it so. */
function watch(stream: ServerHttp2Stream, method: Method): void {
  const frames = new FrameWatch(!method.requestStream)
  const stop = (fault: FrameFault | null) => {
    if (fault !== null) refuse(stream, FAULTS[fault].code, FAULTS[fault].details)
  }
  stream.prependListener('data', (chunk: Buffer) => stop(frames.data(chunk)))
  stream.prependListener('end', () => stop(frames.end()))
}

/** Ends a call without grpc-js, which takes it for cancelled then. */
function refuse(stream: ServerHttp2Stream, code: status, details: string): void {
  if (stream.destroyed || stream.closed) return
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
    return
  }
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-status': String(code),
      'grpc-message': encodeURI(details),
    },
    { endStream: true },
  )
  stream.close(constants.NGHTTP2_NO_ERROR)
}

/** grpc-js makes its HTTP/2 servers out of sight; its version is pinned, and a start fails when this has moved. */
function onHttp2Server(server: Server, made: (http2: Http2Server) => void): void {
  const inside = server as unknown as { createHttp2Server?: (credentials: unknown) => Http2Server }
  const create = inside.createHttp2Server
  if (typeof create !== 'function') throw new Error('grpc-js makes its HTTP/2 servers elsewhere now')
  inside.createHttp2Server = (credentials) => {
    const http2 = create.call(server, credentials)
    made(http2)
    return http2
  }
}

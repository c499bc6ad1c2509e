import { type ClientHttp2Session, connect } from 'node:http2'
import type { SecureContextOptions } from 'node:tls'
import type { Pair } from './pki.ts'

/** How a raw call ended: the status of HTTP and of grpc, or the code that reset it. */
export type RawEnd = {
  readonly http: number
  readonly grpc: string
  readonly details: string
  readonly reset: number
}

/** A peer that speaks HTTP/2 itself, for what grpc-js never sends. */
export class RawPeer {
  readonly session: ClientHttp2Session
  /** The code of the GOAWAY that ended it, or of its error. */
  readonly gone: Promise<string>

  constructor(at: string, pair: Pair, roots: string, tls: SecureContextOptions = {}) {
    const port = at.slice(at.lastIndexOf(':') + 1)
    this.session = connect(`https://localhost:${port}`, {
      ca: roots,
      key: pair.key,
      cert: pair.chain,
      lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }] as never, 4),
      ...tls,
    })
    this.gone = new Promise((done) => {
      let why = 'closed'
      this.session.on('goaway', (code) => {
        why = `goaway ${code}`
      })
      this.session.on('error', (error: NodeJS.ErrnoException) => {
        if (why === 'closed') why = error.code ?? error.message
      })
      this.session.on('close', () => done(why))
    })
  }

  /** One call of a method of the agents' service, with any headers and any bytes. */
  call(
    method: string,
    chunks: readonly Buffer[],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawEnd> {
    return new Promise((done) => {
      const stream = this.session.request({
        ':method': 'POST',
        ':path': `/drover.v1.Agent/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      })
      const got: Record<string, unknown> = {}
      stream.on('response', (some) => Object.assign(got, some))
      stream.on('trailers', (some) => Object.assign(got, some))
      stream.on('error', () => undefined)
      stream.on('close', () =>
        done({
          http: Number(got[':status'] ?? 0),
          grpc: String(got['grpc-status'] ?? ''),
          details: decodeURI(String(got['grpc-message'] ?? '')),
          reset: stream.rstCode,
        }),
      )
      stream.resume()
      for (const chunk of chunks) stream.write(chunk)
      stream.end()
    })
  }

  close(): void {
    this.session.destroy()
  }
}

/** A message with its prefix. */
export function frame(bytes: Buffer, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0])
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

import { connect } from 'node:tls'
import type { Pair } from './pki.ts'

// Of RFC 9113.
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const GOAWAY = 7
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A call of a method of the agents' service, by indexes of HPACK's static table and literals. */
function headers(stream: number, method: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
  const block = [
    Buffer.from([0x83, 0x87, 0x04]),
    text(`/drover.v1.Agent/${method}`),
    Buffer.from([0x0f, 0x10]),
    text('application/grpc'),
  ]
  return http2Frame(HEADERS, 4, stream, Buffer.concat(block))
}

/** What floods send, the n-th of it; a client of Node's own has bounds that keep it from these. */
export const FLOODS = {
  pings: () => http2Frame(PING, 0, 0, Buffer.alloc(8)),
  settings: () => http2Frame(SETTINGS, 0, 0, Buffer.alloc(0)),
  resets: (n: number) =>
    Buffer.concat([
      headers(2 * n + 1, 'PutFacts'),
      http2Frame(RST_STREAM, 0, 2 * n + 1, Buffer.from([0, 0, 0, 8])),
    ]),
  streams: (n: number) => headers(2 * n + 1, 'Follow'),
} as const

/** Sends 20,000 of something, and tells what ended the connection: the code of a GOAWAY, or that it was hung up. */
export function flood(at: string, pair: Pair, roots: string, kind: keyof typeof FLOODS): Promise<string> {
  const port = Number(at.slice(at.lastIndexOf(':') + 1))
  const tls = { port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'] }
  const socket = connect({ ...tls, ca: roots, key: pair.key, cert: pair.chain })
  let sent = 0
  const pump = () => {
    while (sent < 20_000 && !socket.destroyed) {
      sent += 1
      if (!socket.write(FLOODS[kind](sent - 1))) {
        socket.once('drain', pump)
        return
      }
    }
  }
  socket.on('secureConnect', () => {
    socket.write(Buffer.concat([PREFACE, http2Frame(SETTINGS, 0, 0, Buffer.alloc(0))]))
    pump()
  })
  let got = Buffer.alloc(0)
  let why = 'hung up'
  socket.on('data', (bytes: Buffer) => {
    got = Buffer.concat([got, bytes])
    while (got.length >= 9 && got.length >= 9 + got.readUIntBE(0, 3)) {
      const length = got.readUIntBE(0, 3)
      if (got[3] === GOAWAY) why = `goaway ${got.readUInt32BE(13)}`
      got = got.subarray(9 + length)
    }
  })
  socket.on('error', () => undefined)
  return new Promise((done) => socket.on('close', () => done(why)))
}

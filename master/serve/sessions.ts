import { constants, type Http2Session, type ServerHttp2Session } from 'node:http2'
import {
  BAN_MS,
  CONTROL_WINDOW_MS,
  GOODBYE_MS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_CONNECTIONS_PER_CALLER,
  MAX_CONTROL_FRAMES,
} from '../../lib/limits.ts'
import type { Log } from '../../lib/log.ts'
import type { Peer } from './peer.ts'

const ITS_BOUNDS = new Set(['ERR_HTTP2_ERROR', 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES'])

/**
 * All connections, by whose they are. grpc-js answers pings, settings and resets without end, so they are counted here:
 * whoever floods loses its connections and is refused for a while.
 */
export class Sessions {
  readonly #open = new Map<string, Set<Http2Session>>()
  readonly #banned = new Map<string, number>()
  readonly #now: () => number
  readonly #log: Log

  constructor(now: () => number, log: Log) {
    this.#now = now
    this.#log = log
  }

  /** Takes a new connection in, or refuses it. */
  enter(session: ServerHttp2Session, peer: Peer): boolean {
    const mine = this.#open.get(peer.key) ?? new Set()
    const most = peer.identity === null ? MAX_CONNECTIONS_PER_ADDRESS : MAX_CONNECTIONS_PER_CALLER
    if (this.#isBanned(peer.key) || mine.size >= most) {
      this.#log.warn('connection refused', { peer: peer.key, address: peer.address, open: mine.size })
      end(session, constants.NGHTTP2_ENHANCE_YOUR_CALM)
      return false
    }
    this.#open.set(peer.key, mine.add(session))
    session.once('close', () => {
      mine.delete(session)
      if (mine.size === 0 && this.#open.get(peer.key) === mine) this.#open.delete(peer.key)
    })
    const frame = this.#counter(peer)
    session.on('ping', frame)
    session.on('remoteSettings', frame)
    session.on('stream', (stream) => stream.once('aborted', frame))
    // Node has bounds of its own, for calls beyond what a connection may have and for frames that are none.
    session.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== undefined && ITS_BOUNDS.has(code)) this.#ban(peer)
    })
    return true
  }

  /** Ends the connections that an identity has now, when its calls have heard why. */
  cut(key: string): void {
    const sessions = [...(this.#open.get(key) ?? [])]
    const cut = () => {
      for (const session of sessions) end(session, constants.NGHTTP2_NO_ERROR)
    }
    setTimeout(cut, GOODBYE_MS).unref()
  }

  #counter(peer: Peer): () => void {
    let since = this.#now()
    let count = 0
    return () => {
      if (this.#now() - since > CONTROL_WINDOW_MS) {
        since = this.#now()
        count = 0
      }
      count += 1
      if (count === MAX_CONTROL_FRAMES) this.#ban(peer)
    }
  }

  #ban(peer: Peer): void {
    this.#log.warn('peer floods and is refused for a while', { peer: peer.key, address: peer.address })
    for (const [key, until] of this.#banned) if (until <= this.#now()) this.#banned.delete(key)
    this.#banned.set(peer.key, this.#now() + BAN_MS)
    for (const session of [...(this.#open.get(peer.key) ?? [])]) {
      end(session, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    }
  }

  #isBanned(key: string): boolean {
    return (this.#banned.get(key) ?? 0) > this.#now()
  }
}

/** Says why and hangs up; what the peer has in flight is not waited for. */
function end(session: Http2Session, code: number): void {
  if (session.destroyed) return
  session.goaway(code)
  // The word goes out first.
  setImmediate(() => session.destroy())
}

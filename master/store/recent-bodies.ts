import { MAX_RECENT_BYTES } from '../../lib/limits.ts'
import type { Store } from './store.ts'

/**
 * Bodies that were read lately, in memory: when a catalog changes for a thousand hosts, they all ask for the same
 * content. What a hash stands for never changes.
 */
export class RecentBodies {
  readonly #store: Pick<Store, 'bodies'>
  readonly #maxBytes: number
  readonly #kept = new Map<string, Buffer>()
  readonly #reading = new Map<string, Promise<Buffer | null>>()
  #bytes = 0

  constructor(store: Pick<Store, 'bodies'>, maxBytes = MAX_RECENT_BYTES) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  /** `null`: the store has none. Whoever gets it does not write into it. */
  async get(sha256: string): Promise<Buffer | null> {
    const kept = this.#kept.get(sha256)
    if (kept === undefined) return this.#reading.get(sha256) ?? this.#read(sha256)
    // The newest is the last.
    this.#kept.delete(sha256)
    this.#kept.set(sha256, kept)
    return kept
  }

  #read(sha256: string): Promise<Buffer | null> {
    const reading = this.#store.bodies
      .get(sha256)
      .then((bytes) => {
        if (bytes === undefined) return null
        const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        this.#keep(sha256, body)
        return body
      })
      .finally(() => this.#reading.delete(sha256))
    this.#reading.set(sha256, reading)
    return reading
  }

  #keep(sha256: string, body: Buffer): void {
    this.#kept.set(sha256, body)
    this.#bytes += body.length
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return
      this.#kept.delete(oldest)
      this.#bytes -= length
    }
  }
}

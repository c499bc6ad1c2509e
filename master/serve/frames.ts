/** How a peer broke the form of messages on one call. */
export type FrameFault = 'compressed' | 'second message' | 'truncated'

const PREFIX_BYTES = 5

/**
 * Watches the length-prefixed messages of one call go by, without keeping them. grpc-js takes a message that says it
 * is compressed on a call that says nothing is, and has odd answers to the other two.
 *
 * @param single the method takes one message
 */
export class FrameWatch {
  readonly #single: boolean
  #prefix = Buffer.alloc(PREFIX_BYTES)
  #have = 0
  #left = 0
  #messages = 0

  constructor(single: boolean) {
    this.#single = single
  }

  data(chunk: Buffer): FrameFault | null {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      const taken = Math.min(PREFIX_BYTES - this.#have, chunk.length - at)
      chunk.copy(this.#prefix, this.#have, at, at + taken)
      this.#have += taken
      at += taken
      if (this.#prefix[0] !== 0) return 'compressed'
      if (this.#have === PREFIX_BYTES) this.#begin()
      if (this.#single && this.#messages > 1) return 'second message'
    }
    return null
  }

  end(): FrameFault | null {
    return this.#left > 0 || this.#have > 0 ? 'truncated' : null
  }

  #begin(): void {
    this.#left = this.#prefix.readUInt32BE(1)
    this.#have = 0
    this.#messages += 1
  }
}

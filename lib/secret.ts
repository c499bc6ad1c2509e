import { createHash } from 'node:crypto'

/**
 * A value that can be used and not shown: printed, compared or sent, it is a digest of itself. What is hidden has to
 * be hard to guess, such as the hash of a password with its salt; a digest of less would give it away.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The value itself, for the one place that uses it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return digest(this.#text)
  }

  toJSON(): string {
    return digest(this.#text)
  }

  /** What `util.inspect` shows, and with it a failing test. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return digest(this.#text)
  }
}

// The prefix keeps the digest from being looked up among digests that others have made of the same value.
const digest = (text: string) =>
  `sha256:${createHash('sha256').update(`drover secret\0${text}`).digest('hex').slice(0, 16)}`

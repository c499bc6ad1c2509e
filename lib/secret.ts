import { createHmac } from 'node:crypto'

/**
 * A value that can be used and not shown: printed, compared or sent, it is a digest of itself. Without
 * a key, what is hidden has to be hard to guess, such as the hash of a password with its salt.
 */
export class Secret {
  readonly #text: string
  readonly #key: string

  /** With a key that only this host has, a digest tells nothing of a value that could be guessed. */
  constructor(text: string, key = 'drover secret\0') {
    this.#text = text
    this.#key = key
  }

  /** The value itself, for the one place that uses it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return digest(this.#text, this.#key)
  }

  toJSON(): string {
    return digest(this.#text, this.#key)
  }

  /** What `util.inspect` shows, and with it a failing test. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return digest(this.#text, this.#key)
  }
}

// The usual key keeps the digest from being looked up among digests that others have made of the same value.
const digest = (text: string, key: string) =>
  `sha256:${createHmac('sha256', key).update(text).digest('hex').slice(0, 16)}`

/** The value itself, whether it came as a secret or not. */
export const reveal = (value: string | Secret) => (typeof value === 'string' ? value : value.reveal())

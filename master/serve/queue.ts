import { Failure } from '../../lib/failure.ts'

/** Values that one side pushes and the other takes in order; who doesn't take them in time is ended. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #most: number
  readonly #values: T[] = []
  #ended: { readonly failure: Error | null } | null = null
  #wake: () => void = () => undefined

  constructor(most: number) {
    this.#most = most
  }

  push(value: T): void {
    if (this.#ended !== null) return
    if (this.#values.length < this.#most) this.#values.push(value)
    else this.end(new Failure('exhausted', 'too much waits to be read'))
    this.#wake()
  }

  /** What was pushed before is still handed out, unless it ends with a failure. */
  end(failure: Error | null = null): void {
    this.#ended ??= { failure }
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        if (this.#ended?.failure) throw this.#ended.failure
        const value = this.#values.shift()
        if (value !== undefined) yield value
        else if (this.#ended !== null) return
        else await new Promise<void>((wake) => (this.#wake = wake))
      }
    } finally {
      this.end()
    }
  }
}

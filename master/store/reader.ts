import { Failure } from '../../lib/failure.ts'
import { MAX_QUEUED_JOBS, STORE_READ_TIMEOUT_MS } from '../../lib/limits.ts'
import { Thread } from './thread.ts'

type Read = {
  readonly noun: string
  readonly name: string
  readonly args: unknown[]
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reads one after another, each with a deadline. SQLite can't be interrupted from here, so a read that takes too long
 * loses its thread, and the next ones get a new one once that has ended.
 */
export class Reader {
  readonly #path: string
  readonly #timeoutMs: number
  #thread: Promise<Thread>
  #waiting: Read[] = []
  #busy: Promise<void> | null = null

  private constructor(path: string, thread: Thread, timeoutMs: number) {
    this.#path = path
    this.#thread = Promise.resolve(thread)
    this.#timeoutMs = timeoutMs
  }

  static async start(path: string, timeoutMs = STORE_READ_TIMEOUT_MS): Promise<Reader> {
    return new Reader(path, await Thread.start('read', path), timeoutMs)
  }

  call(noun: string, name: string, args: unknown[]): Promise<unknown> {
    if (this.#waiting.length >= MAX_QUEUED_JOBS)
      return Promise.reject(new Failure('unavailable', 'the store is behind: too many reads wait'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ noun, name, args, resolve, reject })
      this.#busy ??= this.#work()
    })
  }

  async close(): Promise<void> {
    while (this.#busy !== null) await this.#busy
    await (await this.#thread).close()
  }

  async #work(): Promise<void> {
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift()) {
      try {
        read.resolve(await this.#within(read))
      } catch (error) {
        read.reject(error)
      }
    }
    // Here and not in a `finally` of the promise: between the two a read could be added that nobody does.
    this.#busy = null
  }

  async #within({ noun, name, args }: Read): Promise<unknown> {
    const thread = await this.#thread
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        thread.kill()
        this.#thread = thread.ended.then(() => Thread.start('read', this.#path))
        // Whoever reads next meets the error, if there is one.
        this.#thread.catch(() => {})
        const words = `reading ${noun} took longer than ${this.#timeoutMs} ms`
        reject(new Failure('timeout', words, { hint: 'ask for less at once' }))
      }, this.#timeoutMs)
    })
    try {
      return await Promise.race([thread.call(noun, name, args), late])
    } finally {
      clearTimeout(timer)
    }
  }
}

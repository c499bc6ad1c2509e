import { Worker } from 'node:worker_threads'
import { Failure } from '../../lib/failure.ts'
import { MAX_QUEUED_JOBS } from '../../lib/limits.ts'
import { type Answer, type Call, type Kind, START, type Start, unpacked } from './wire.ts'

type Pending = {
  readonly call: Call
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** One of the store's threads, as the others see it: calls that are answered in time. */
export class Thread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly ended: Promise<void>
  readonly #waiting: Call[] = []
  #next = START
  #gone = false

  private constructor(start: Start) {
    this.#worker = new Worker(new URL('./store-thread.js', import.meta.url), { workerData: start })
    this.#worker.on('message', (answers: Answer[]) => {
      for (const answer of answers) this.#settle(answer)
    })
    let cause: unknown
    this.#worker.on('error', (error) => {
      cause = error
    })
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#gone = true
        for (const { reject } of this.#pending.values()) reject(stopped(cause))
        this.#pending.clear()
        resolve()
      })
    })
  }

  static async start(kind: Kind, path: string): Promise<Thread> {
    const thread = new Thread({ kind, path })
    try {
      await new Promise((resolve, reject) => {
        const call = { id: START, noun: 'thread', name: 'start', args: [] }
        thread.#pending.set(START, { call, resolve, reject })
      })
    } catch (error) {
      await thread.#worker.terminate()
      throw error
    }
    return thread
  }

  call(noun: string, name: string, args: unknown[]): Promise<unknown> {
    if (this.#gone) return Promise.reject(stopped(undefined))
    if (this.#pending.size >= MAX_QUEUED_JOBS) return Promise.reject(behind())
    this.#next += 1
    const call: Call = { id: this.#next, noun, name, args }
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { call, resolve, reject })
      this.#waiting.push(call)
      // What arrives together is passed on together: each message costs both sides.
      if (this.#waiting.length === 1) setImmediate(() => this.#worker.postMessage(this.#waiting.splice(0)))
    })
  }

  /** All that was called before is done when it returns. */
  async close(): Promise<void> {
    if (!this.#gone) await this.call('thread', 'end', [])
    await this.ended
  }

  /** It ends wherever it is, at once or when SQLite lets it. */
  kill(): void {
    void this.#worker.terminate()
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if ('error' in answer) pending?.reject(unpacked(answer.error))
    else pending?.resolve(answer.value)
  }
}

const stopped = (cause: unknown) =>
  new Failure('unavailable', 'the store has stopped', { cause, hint: 'restart the master' })

const behind = () => new Failure('unavailable', 'the store is behind: too much waits to be done')

import { GROUP_COMMIT_MS, MAX_JOBS_PER_COMMIT } from '../../lib/limits.ts'
import type { Connection } from './sqlite.ts'
import type { Db } from './tables.ts'

/** One change, all of it or nothing. `settle` is called once, after the commit that it is in. */
export type Job = {
  readonly run: (db: Db) => Promise<unknown>
  readonly settle: (outcome: { value: unknown } | { error: unknown }) => void
}

/**
 * Commits many jobs with one fsync: those that came while the last commit was under way, and those that come within
 * `GROUP_COMMIT_MS`. A job that fails is undone by itself and leaves the others of its commit alone.
 */
export class Commits {
  readonly #connection: Connection
  #waiting: Job[] = []
  #busy: Promise<void> | null = null

  constructor(connection: Connection) {
    this.#connection = connection
  }

  add(job: Job): void {
    this.#waiting.push(job)
    this.#busy ??= this.#work()
  }

  /** All that was added is settled. */
  async idle(): Promise<void> {
    while (this.#busy !== null) await this.#busy
  }

  async #work(): Promise<void> {
    // What has arrived already is let in first.
    await turn()
    while (this.#waiting.length > 0) {
      await this.#commit()
      await turn()
    }
    // Here and not in a `finally` of the promise: between the two a job could be added that nobody does.
    this.#busy = null
  }

  async #commit(): Promise<void> {
    const settled: (() => void)[] = []
    const failWith = (error: unknown) => {
      this.#connection.rollback()
      for (const job of taken) job.settle({ error })
    }
    const taken: Job[] = []
    try {
      this.#connection.begin()
      const until = performance.now() + GROUP_COMMIT_MS
      while (taken.length < MAX_JOBS_PER_COMMIT && performance.now() < until) {
        const job = this.#waiting.shift()
        if (job === undefined) break
        taken.push(job)
        settled.push(await this.#perform(job))
      }
      this.#connection.commit()
    } catch (error) {
      // Also one that could not even begin: it must not wait for ever.
      if (taken.length === 0) taken.push(...this.#waiting.splice(0))
      failWith(error)
      return
    }
    for (const settle of settled) settle()
  }

  /** Returns what is to be said once it is on disk. Throws when no job of this commit can go on. */
  async #perform(job: Job): Promise<() => void> {
    this.#connection.savepoint()
    try {
      const value = await job.run(this.#connection.db)
      this.#connection.release()
      return () => job.settle({ value })
    } catch (error) {
      if (!this.#connection.inTransaction) throw error
      this.#connection.rollbackToSavepoint()
      this.#connection.release()
      return () => job.settle({ error })
    }
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

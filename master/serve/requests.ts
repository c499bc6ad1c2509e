/** Who asked for a run, until its report is there: the report itself could say anything. */
export class Requests {
  readonly #by = new Map<string, string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(hostId: string, requestId: string, by: string): void {
    this.#by.set(`${hostId} ${requestId}`, by)
    const [oldest] = this.#by.keys()
    if (this.#by.size > this.#most && oldest !== undefined) this.#by.delete(oldest)
  }

  byOf(hostId: string, requestId: string): string | null {
    return this.#by.get(`${hostId} ${requestId}`) ?? null
  }
}

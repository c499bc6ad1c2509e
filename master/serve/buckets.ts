type Bucket = { tokens: number; at: number }

// Beyond this those are forgotten that nobody asked of for long: they are full by now, and would be made alike again.
const SWEEP_ABOVE = 50_000
const OLD_MS = 3_600_000

/** Token buckets, one for each key: so many at once, refilled at a rate. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number
  #sweepAbove = SWEEP_ABOVE

  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes one, or says that there is none. */
  take(key: string, burst: number, perMinute: number): boolean {
    const now = this.#now()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    // A clock that is set back refills nothing.
    const refilled = Math.max(0, now - bucket.at) * (perMinute / 60_000)
    const tokens = Math.min(burst, bucket.tokens + refilled)
    const taken = tokens >= 1
    if (this.#buckets.size > this.#sweepAbove) this.#forgetOld(now)
    this.#buckets.set(key, { tokens: taken ? tokens - 1 : tokens, at: now })
    return taken
  }

  #forgetOld(now: number): void {
    for (const [key, { at }] of this.#buckets) if (now - at > OLD_MS) this.#buckets.delete(key)
    // A fleet of thousands of hosts has as many in use: not all are looked at again for each that comes.
    this.#sweepAbove = Math.max(SWEEP_ABOVE, 2 * this.#buckets.size)
  }
}

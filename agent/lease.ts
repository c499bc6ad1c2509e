/** Something that ends at a time of the master's clock, and on this host when as much time has gone by. */
export type Lease = {
  /** By the master's clock; 0 for never. */
  readonly until: number
  /** Counted from when it was written down. */
  readonly leftMs: number
  readonly at: number
}

export const leaseOf = (until: number, masterNow: number): Lease => ({
  until,
  leftMs: until === 0 ? 0 : Math.max(0, until - masterNow),
  at: Date.now(),
})

const ends = new WeakMap<Lease, number>()

/**
 * Milliseconds until its end, by the monotonic clock from when it was first asked. Before that, while the agent was
 * off, only the wall clock went on; one that was set back makes nothing longer than it was.
 */
export function leftOf(lease: Lease): number {
  const { leftMs, at } = lease
  const endsAt = ends.get(lease) ?? performance.now() + leftMs - Math.max(0, Date.now() - at)
  ends.set(lease, endsAt)
  return Math.max(0, endsAt - performance.now())
}

// The longest that a timer of Node can wait.
const MAX_TIMER_MS = 2 ** 31 - 1

/** One alarm, of any length, which keeps no process alive. */
export class Alarm {
  #timer: NodeJS.Timeout | null = null

  /** In place of what was set before. */
  set(inMs: number, ring: () => void): void {
    this.clear()
    const ms = Math.min(inMs, MAX_TIMER_MS)
    this.#timer = setTimeout(() => (inMs > ms ? this.set(inMs - ms, ring) : ring()), ms)
    this.#timer.unref()
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

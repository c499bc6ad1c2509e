import { LOOK_EVERY_MS, LOOKS_AT_ONCE } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'

/** Keeps a resource that somebody changes again and again from being looked at all the time. */
export type Pace = {
  /** Takes a look, if there is one to be had; else milliseconds until there is. */
  take(id: ResourceId, now: number): number
}

/** `LOOKS_AT_ONCE` looks, and then one each `LOOK_EVERY_MS`. */
export function openPace(): Pace {
  /** When all looks are to be had again. */
  const fullAt = new Map<ResourceId, number>()
  return {
    take(id, now) {
      const from = Math.max(fullAt.get(id) ?? 0, now)
      const wait = from + LOOK_EVERY_MS - (now + LOOKS_AT_ONCE * LOOK_EVERY_MS)
      if (wait > 0) return wait
      fullAt.set(id, from + LOOK_EVERY_MS)
      return 0
    },
  }
}

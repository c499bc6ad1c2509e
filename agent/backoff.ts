import {
  MAX_RECONNECT_WITHIN_MS,
  MIN_RECONNECT_WITHIN_MS,
  RECONNECT_FIRST_MS,
  RECONNECT_MAX_MS,
} from '../lib/limits.ts'

/**
 * How long to wait before an attempt to reach the master, by how many have failed since it was last reached.
 *
 * The first is anywhere within what the master asked for, so that thousands of agents which lost it in one moment
 * come back one by one. Later ones have full jitter under a bound that doubles.
 *
 * @param chance uniform in [0, 1)
 */
export function delayOf(failed: number, withinMs: number, chance: number): number {
  const first = Math.min(Math.max(withinMs, MIN_RECONNECT_WITHIN_MS), MAX_RECONNECT_WITHIN_MS)
  const bound = failed === 0 ? first : Math.min(RECONNECT_FIRST_MS * 2 ** (failed - 1), RECONNECT_MAX_MS)
  return Math.floor(chance * bound)
}

/** How long to wait before a call is made again, by how many have failed in a row; the master itself is there. */
export function retryAfter(failed: number, chance: number): number {
  return RECONNECT_FIRST_MS / 2 + chance * Math.min(RECONNECT_FIRST_MS * 2 ** failed, RECONNECT_MAX_MS)
}

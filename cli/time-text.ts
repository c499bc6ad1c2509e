const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `3 min ago`, `in 2 h`; `never` for a time that is none. */
export function agoText(at: number, now: number): string {
  if (at === 0) return 'never'
  const ms = now - at
  const text = spanText(Math.abs(ms))
  if (Math.abs(ms) < SECOND) return 'now'
  return ms >= 0 ? `${text} ago` : `in ${text}`
}

/** `3 min`, `2 h`, `5 d`: one unit, rounded down. */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} d`
}

// Beyond these no date is told.
const MAX_TIME_MS = 8.64e15

/** A time for programs, RFC 3339 in UTC; `null` for one that is none. */
export function timeOf(at: number): string | null {
  return at === 0 || !(Math.abs(at) <= MAX_TIME_MS) ? null : new Date(at).toISOString()
}

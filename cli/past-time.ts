import * as v from 'valibot'
import { Duration, milliseconds } from '../lib/names.ts'
import { Usage } from './exit.ts'

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/** A time, of here unless it names a zone, or how long ago. Milliseconds since 1970; `Usage` for what is no time, or none yet. */
export function pastTime(word: string, now: number): number {
  const isSpan: boolean = v.is(Duration, word)
  if (isSpan) return now - milliseconds(word)
  // A day alone would be one of UTC.
  const at = DATE.test(word) ? Date.parse(word.includes('T') ? word : `${word}T00:00`) : Number.NaN
  if (Number.isNaN(at))
    throw new Usage(
      `"${word}" is no time`,
      'such as 2026-03-01, 2026-03-01T14:00:00Z, or 2h for two hours ago',
    )
  if (at > now) throw new Usage(`"${word}" is in the future`)
  return at
}

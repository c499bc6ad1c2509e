import * as v from 'valibot'
import { Duration, milliseconds } from '../lib/names.ts'
import { Usage } from './exit.ts'

// A field of 32 bits would make something short of more.
const MAX_SECONDS = 2 ** 32 - 1

/** Whole seconds of what a flag says, one at least; `Usage` for what is no duration. */
export function secondsOf(flag: string, word: string): number {
  const seconds = v.is(Duration, word) ? Math.ceil(milliseconds(word) / 1000) : 0
  if (seconds < 1) throw new Usage(`${flag} takes a duration, got "${word}"`, 'such as 30m, 2h or 1d')
  return Math.min(seconds, MAX_SECONDS)
}

import type { AptStep } from '../lib/state.ts'
import type { Effects } from './perform.ts'

/** Performs one apt transaction. */
export async function performApt(
  _step: AptStep,
  _timeoutMs: number | null,
  _effects: Effects,
): Promise<void> {
  throw new Error('not written yet')
}

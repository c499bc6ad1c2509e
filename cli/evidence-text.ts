import type { Evidence__Output } from '../proto/gen/drover/v1/Evidence.ts'
import type { Line } from './print.ts'
import { timeOf } from './time-text.ts'

/** What happened around the time of a drift, which may have to do with it or not. No line where nothing is known. */
export function evidenceLines(evidence: readonly Evidence__Output[]): Line[] {
  if (evidence.length === 0) return []
  return [[['dim', 'around then: '], evidence.map(({ text }) => text).join('; ')]]
}

/** The same with times, a line each. */
export const evidenceSection = (evidence: readonly Evidence__Output[]): Line[] =>
  evidence.map(({ at, text }) => [['dim', timeOf(at) ?? ''], `  ${text}`])

/** For programs. */
export const evidenceView = (evidence: readonly Evidence__Output[]) =>
  evidence.map(({ at, kind, text }) => ({ at: timeOf(at), kind, text }))

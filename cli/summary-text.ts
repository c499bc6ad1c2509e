import type { Outcome, RunResult } from '../lib/outcome.ts'
import { type Mark, markOf } from './plan-text.ts'
import type { Line } from './print.ts'
import { durationText } from './value-text.ts'

const DUE: readonly (readonly [Mark, string, string])[] = [
  ['add', 'to add', 'added'],
  ['change', 'to change', 'changed'],
  ['remove', 'to remove', 'removed'],
  ['restart', 'to restart', 'restarted'],
  ['reload', 'to reload', 'reloaded'],
  ['unknown', 'not known yet', 'unknown'],
]

/** How many resources have each mark. */
export class Marks {
  readonly #counts = new Map<Mark, number>()
  owed = 0

  add({ outcomes, owed }: Pick<RunResult, 'outcomes' | 'owed'>): this {
    for (const outcome of outcomes) this.#counts.set(markOf(outcome), this.of(markOf(outcome)) + 1)
    this.owed += owed.length
    return this
  }

  of(mark: Mark): number {
    return this.#counts.get(mark) ?? 0
  }

  /** `3 to add`, `1 to reload`; or what was done. */
  due(mode: 'plan' | 'apply'): string[] {
    const there = DUE.filter(([mark]) => this.of(mark) > 0)
    return there.map(([mark, future, past]) => `${this.of(mark)} ${mode === 'plan' ? future : past}`)
  }

  /** What differs and is left as it is. */
  paused(): string[] {
    return this.of('paused') === 0 ? [] : [`${this.of('paused')} paused`]
  }

  bad(): string[] {
    const texts = (['failed', 'skipped'] as const).map((mark) => [this.of(mark), mark] as const)
    return [...texts, [this.owed, 'owed'] as const].filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`)
  }
}

/** The verdict in one line. */
export function summaryLine({ outcomes, owed, ms }: Omit<RunResult, 'held'>, mode: 'plan' | 'apply'): Line {
  const marks = new Marks().add({ outcomes, owed })
  const due = marks.due(mode)
  const bad = marks.bad()
  const nothing = mode === 'plan' ? 'nothing to do' : 'nothing was to do'
  const head = due.length > 0 ? due.join(', ') : bad.length > 0 ? 'nothing done' : nothing
  return [
    ['bold', `${mode === 'plan' ? 'Plan' : 'Done'}: ${mode === 'plan' && due.length === 0 ? nothing : head}`],
    ...(bad.length > 0 ? [', ', ['fail', bad.join(', ')] as const] : []),
    `; ${[...marks.paused(), `${marks.of('settled')} in order`].join(', ')}`,
    ['dim', ` (${durationText(ms)})`],
  ]
}

/** `web1: 2 to change, 1 failed`, in few words. */
export function shortSummary(outcomes: readonly Outcome[], mode: 'plan' | 'apply'): string {
  const marks = new Marks().add({ outcomes, owed: [] })
  const parts = [...marks.due(mode), ...marks.bad(), ...marks.paused()]
  return parts.length > 0 ? parts.join(', ') : 'in order'
}

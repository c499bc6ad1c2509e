import type { RunRow__Output } from '../proto/gen/drover/v1/RunRow.ts'
import { runView } from './host-text.ts'
import { SHORT_ID } from './plan-text.ts'
import type { Line, Span } from './print.ts'
import { tableLines } from './table.ts'
import { agoText } from './time-text.ts'
import { durationText } from './value-text.ts'

/** Runs, the newest first, a line each. */
export function runLines(runs: readonly RunRow__Output[], wide: boolean, now: number): Line[] {
  const headings = ['RUN', 'HOST', 'WHEN', 'MODE', 'WHY', 'CAME TO', 'TOOK']
  const cells = (run: RunRow__Output): Span[] => {
    const { id, mode, ms } = runView(run)
    return [
      wide ? id : id.slice(0, SHORT_ID),
      ['bold', run.host],
      agoText(run.head?.started_at ?? 0, now),
      mode,
      whyText(run),
      endSpan(run),
      durationText(ms),
      ...(wide ? [run.commit.slice(0, 12)] : []),
    ]
  }
  return tableLines(wide ? [...headings, 'COMMIT'] : headings, runs.map(cells))
}

/** What made a run begin. */
export function whyText(run: RunRow__Output): string {
  const { trigger, requestedBy } = runView(run)
  return requestedBy === null ? trigger : `${trigger} of ${requestedBy}`
}

/** What a run came to, in a few words. */
export function endSpan({ head }: RunRow__Output): Span {
  if (head?.problem) return ['fail', `! ${head.problem.reason}`]
  const counts = head?.counts
  if (!counts) return ''
  const { planned, changed, failed, skipped, settled } = counts
  const ends = [
    [planned, 'due'],
    [changed, 'changed'],
    [failed, 'failed'],
    [skipped, 'skipped'],
  ] as const
  const texts = ends.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`)
  if (texts.length === 0) return ['dim', `${settled} in order`]
  return [failed > 0 ? 'fail' : 'change', texts.join(', ')]
}

import type { GetPastResponse__Output } from '../proto/gen/drover/v1/GetPastResponse.ts'
import { driftView, rowLines } from './drift-text.ts'
import { runView } from './host-text.ts'
import type { Line } from './print.ts'
import { endSpan, whyText } from './run-text.ts'
import { detailLines } from './table.ts'
import { agoText, timeOf } from './time-text.ts'

/** A host as it was at a time: what it had applied last, and what differed. */
export function pastLines(
  host: string,
  at: number,
  { run, drift }: GetPastResponse__Output,
  wide: boolean,
  now: number,
): Line[] {
  const view = run && runView(run)
  const show = { diff: wide ? 'full' : 'none', all: false, wide } as const
  const rows = drift.flatMap((row) => rowLines(row, show, now).map((line): Line => ['  ', ...line]))
  const details = detailLines([
    ['commit', view && (view.commit ?? 'none: its site has no git')],
    ['catalog', view?.catalog ?? null],
    ['run', view?.id ?? null],
    ['when', view && `${view.startedAt}, ${agoText(run?.head?.started_at ?? 0, now)}`],
    ['why', run && whyText(run)],
    ['came to', run && endSpan(run)],
  ])
  return [
    [['bold', host], ` at ${timeOf(at)}`],
    ...(view === null ? [['  no apply until then is known']] : details.map((line): Line => ['  ', ...line])),
    [],
    rows.length === 0 ? ['nothing differed'] : [['bold', 'Differed']],
    ...rows,
  ]
}

/** For programs. */
export function pastView(host: string, at: number, { run, drift }: GetPastResponse__Output) {
  const view = run && runView(run)
  return {
    host,
    at: timeOf(at),
    commit: view?.commit ?? null,
    catalog: view?.catalog ?? null,
    run: view,
    drift: drift.map(driftView),
  }
}

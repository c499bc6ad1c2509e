import type { RunRow__Output } from '../../proto/gen/drover/v1/RunRow.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { evidenceSection } from '../evidence-text.ts'
import { EXIT } from '../exit.ts'
import { runView } from '../host-text.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { outcomeLines, type Show } from '../plan-text.ts'
import type { Line } from '../print.ts'
import { type Body, bodyOf, originsOf } from '../run-body.ts'
import { endSpan, whyText } from '../run-text.ts'
import { detailLines } from '../table.ts'
import { agoText } from '../time-text.ts'
import { durationText } from '../value-text.ts'

type RunOptions = AskOptions & { readonly diff?: Show['diff'] }

/** `drover run`: one run with all that it changed. */
export async function run(context: Context, id: string, options: RunOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const answer = await withOperator(context, options, (operator) => operator.call('GetRun', { run_id: id }))
  const row = answer.run
  if (row === null) throw new Error('the master answered without a run')
  const view = runView(row)
  const body = bodyOf(answer.body, view.id)
  if (form === 'json' || form === 'yaml') {
    await printValue(print, form, { version: OUTPUT_VERSION, ...view, ...body })
    return EXIT.done
  }
  if (form === 'jsonl') {
    printVersion(print)
    for (const outcome of body.outcomes) printEvent(print, { type: 'outcome', outcome })
    printEvent(print, { type: 'end', ...view })
    return EXIT.done
  }
  if (form === 'name') {
    print.out(body.outcomes.map((outcome) => [outcome.id]))
    return EXIT.done
  }
  print.out(runDetails(row, body, answer.body.length > 0, Date.now()))
  const show: Show = { diff: options.diff ?? 'short', all: false, wide: form === 'wide' }
  print.out(bodyLines(body, originsOf(answer.origins), show))
  return EXIT.done
}

const bodyLines = (body: Body, origins: ReadonlyMap<string, string>, show: Show): Line[] => {
  const lines = outcomeLines(body, origins as ReadonlyMap<never, string>, show)
  return lines.length > 0 ? [[], ...lines] : []
}

function runDetails(row: RunRow__Output, body: Body, kept: boolean, now: number): Line[] {
  const { id, startedAt, ms, mode, unchangedRuns, droppedReports } = runView(row)
  const ago = agoText(row.head?.started_at ?? 0, now)
  const lines = detailLines([
    ['run', id],
    ['host', row.host],
    ['when', `${startedAt ?? ''}, ${ago}, took ${durationText(ms)}`],
    ['mode', mode],
    ['why', whyText(row)],
    ['commit', row.commit],
    ['came to', endSpan(row)],
    ['repaired', latencyText(body)],
    ['unchanged', unchangedRuns > 0 ? `${unchangedRuns} runs before it changed nothing` : null],
    ['lost', droppedReports > 0 ? `${droppedReports} reports before it` : null],
  ])
  const known = evidenceSection(row.head?.evidence ?? []).map((line): Line => ['  ', ...line])
  if (known.length > 0) lines.push([], [['bold', 'Around then']], ...known)
  if (kept || (row.head?.body_bytes ?? 0) === 0) return lines
  return [...lines, [], ['what it did in detail is kept no more; see "drover history"']]
}

/** From when drift was heard of until the last of it was put right. */
function latencyText({ outcomes }: Body): string | null {
  const all = outcomes.flatMap((one) => (one.status === 'changed' ? (one.latencyMs ?? []) : []))
  return all.length === 0 ? null : `${durationText(Math.max(...all))} after it was heard of`
}

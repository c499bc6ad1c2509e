import type { RunEvent } from '../agent/pass.ts'
import type { Catalog } from '../lib/catalog.ts'
import { fingerprint } from '../lib/fingerprint.ts'
import { type RunResult, summarise } from '../lib/outcome.ts'
import { type Form, OUTPUT_VERSION } from './context.ts'
import { printEvent, printValue } from './machine.ts'
import { heldLines, originsOf, outcomeLines, type Show } from './plan-text.ts'
import type { Print } from './print.ts'
import { summaryLine } from './summary-text.ts'

/** What a run came to, for programs. */
export type Report = {
  readonly version: typeof OUTPUT_VERSION
  readonly host: string
  readonly mode: 'check' | 'apply'
  readonly outcomes: RunResult['outcomes']
  readonly owed: RunResult['owed']
  /** Why nothing of what no role declares any more was taken back. */
  readonly held: RunResult['held']
  readonly summary: ReturnType<typeof summarise>
  /** Of what is planned; `null` after an apply, of which nothing is planned any more. */
  readonly fingerprint: string | null
  readonly ms: number
}

export function reportOf(
  host: string,
  mode: Report['mode'],
  { outcomes, owed, held, ms }: RunResult,
): Report {
  const named = mode === 'check' ? fingerprint(host, outcomes) : null
  const summary = summarise(outcomes)
  return { version: OUTPUT_VERSION, host, mode, outcomes, owed, held, summary, fingerprint: named, ms }
}

/** Prints events of a run as they happen, where the form is lines of JSON. */
export function eventPrinter(print: Print, form: Form): (event: RunEvent) => void {
  if (form !== 'jsonl') return () => undefined
  printEvent(print, { type: 'version', format: OUTPUT_VERSION })
  return ({ kind, ...event }) => printEvent(print, { type: kind, ...event })
}

/** Prints what a run came to, in any form. */
export async function printReport(
  print: Print,
  form: Form,
  report: Report,
  catalog: Catalog,
  show: Show & { readonly summaryOnly: boolean },
): Promise<void> {
  if (form === 'json' || form === 'yaml') return printValue(print, form, report)
  if (form === 'jsonl') {
    const { version: _, outcomes: __, ...end } = report
    return printEvent(print, { type: 'end', ...end })
  }
  if (form === 'name') {
    const ids = report.outcomes.filter(({ status }) => show.all || status !== 'settled').map(({ id }) => id)
    return print.out(ids.map((id) => [id]))
  }
  const lines = show.summaryOnly
    ? []
    : outcomeLines(report, originsOf(catalog), { ...show, wide: form === 'wide' })
  const gap = lines.length > 0 ? [[]] : []
  print.out([
    ...lines,
    ...gap,
    ...heldLines(report.held),
    summaryLine(report, report.mode === 'check' ? 'plan' : 'apply'),
  ])
}

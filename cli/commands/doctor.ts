import { count } from '../../lib/count.ts'
import type { RepairTimes__Output } from '../../proto/gen/drover/v1/RepairTimes.ts'
import type { Severity__Output } from '../../proto/gen/drover/v1/Severity.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import type { Line, Style } from '../print.ts'
import { tableLines } from '../table.ts'
import { durationText } from '../value-text.ts'
import { VERSION } from '../version.ts'

const SEVERITIES: Readonly<Record<Severity__Output, readonly ['ok' | 'warning' | 'error', string, Style]>> = {
  SEVERITY_UNSPECIFIED: ['warning', '~', 'change'],
  SEVERITY_OK: ['ok', '✓', 'add'],
  SEVERITY_WARNING: ['warning', '~', 'change'],
  SEVERITY_ERROR: ['error', '!', 'fail'],
}

/** `drover doctor`: what is wrong with the master, its site and its hosts. */
export async function doctor(context: Context, options: AskOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const found = await withOperator(context, options, (operator) => operator.call('Diagnose', {}))
  const findings = found.findings.map(({ about, severity, text, hint }) => {
    return { about, severity: SEVERITIES[severity][0], text, hint: hint || null }
  })
  const repairs = found.repairs.map(({ type, repairs, p50_ms, p99_ms }) => {
    return { type, repairs, p50Ms: p50_ms || null, p99Ms: p99_ms || null }
  })
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const code = errors > 0 ? EXIT.failed : EXIT.done
  if (form === 'jsonl') {
    printVersion(print)
    for (const finding of findings) printEvent(print, { type: 'finding', ...finding })
    for (const { type, ...times } of repairs) printEvent(print, { type: 'repairs', of: type, ...times })
    return code
  }
  if (form !== 'table') {
    await printValue(print, form, {
      version: OUTPUT_VERSION,
      master: found.version,
      drover: VERSION,
      findings,
      repairs,
    })
    return code
  }
  const lines = found.findings.flatMap(({ about, severity, text, hint }): Line[] => {
    const [, sign, style] = SEVERITIES[severity]
    return [
      [[style, `${sign} ${about}: `], text],
      ...(hint === '' ? [] : [[['dim', '    hint: '] as const, hint]]),
    ]
  })
  const versions =
    found.version === VERSION ? `drover ${VERSION}` : `master ${found.version}, this drover ${VERSION}`
  const verdict =
    errors + warnings === 0 ? 'all is well' : `${count(errors, 'error')}, ${count(warnings, 'warning')}`
  print.out([
    ...lines,
    ...repairLines(found.repairs),
    [],
    [
      ['bold', verdict],
      ['dim', `  (${versions})`],
    ],
  ])
  return code
}

/** How fast drift was put right that was heard of as it happened. */
function repairLines(times: readonly RepairTimes__Output[]): Line[] {
  if (times.length === 0) return []
  const within = (ms: number) => (ms === 0 ? 'more than 1 h' : durationText(ms))
  const rows = times.map(({ type, repairs, p50_ms, p99_ms }) => {
    return [type, String(repairs), within(p50_ms), within(p99_ms)]
  })
  const headings = ['PUT RIGHT, LAST 24 H', 'NUMBER', 'HALF WITHIN', '99 % WITHIN']
  return [[], ...tableLines(headings, rows)]
}

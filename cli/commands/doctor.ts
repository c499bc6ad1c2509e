import type { Severity__Output } from '../../proto/gen/drover/v1/Severity.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { count, type Line, type Style } from '../print.ts'
import { VERSION } from '../version.ts'

type DoctorOptions = CommonOptions & OutputOptions & MasterOptions

const SEVERITIES: Readonly<Record<Severity__Output, readonly ['ok' | 'warning' | 'error', string, Style]>> = {
  SEVERITY_UNSPECIFIED: ['warning', '~', 'change'],
  SEVERITY_OK: ['ok', '✓', 'add'],
  SEVERITY_WARNING: ['warning', '~', 'change'],
  SEVERITY_ERROR: ['error', '!', 'fail'],
}

/** `drover doctor`: what is wrong with the master, its site and its hosts. */
export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const found = await withOperator(context, options, (operator) => operator.call('Diagnose', {}))
  const findings = found.findings.map(({ about, severity, text, hint }) => {
    return { about, severity: SEVERITIES[severity][0], text, hint: hint || null }
  })
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const code = errors > 0 ? EXIT.failed : EXIT.done
  if (form === 'jsonl') {
    printVersion(print)
    for (const finding of findings) printEvent(print, { type: 'finding', ...finding })
    return code
  }
  if (form !== 'table') {
    await printValue(print, form, {
      version: OUTPUT_VERSION,
      master: found.version,
      drover: VERSION,
      findings,
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
    [],
    [
      ['bold', verdict],
      ['dim', `  (${versions})`],
    ],
  ])
  return code
}

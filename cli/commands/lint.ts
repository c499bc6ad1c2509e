import type { Diagnostic } from '../../master/site/diagnostics.ts'
import { lint } from '../../master/site/lint.ts'
import { states } from '../../states/index.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { diagnosticLines, tally } from '../diagnostics-text.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printValue } from '../machine.ts'
import { shippedRoles } from '../site.ts'

type LintOptions = CommonOptions & OutputOptions & { readonly strict?: boolean }

/** `drover lint`: everything that can be known of a site without a host. */
export async function lintSite(context: Context, dir: string, options: LintOptions): Promise<number> {
  const diagnostics = await lint(dir, states, { shippedRoles: shippedRoles() })
  await show(context, dir, diagnostics, options)
  if (diagnostics.some(({ severity }) => severity === 'error')) return EXIT.failed
  return options.strict && diagnostics.length > 0 ? EXIT.due : EXIT.done
}

async function show(
  { print }: Context,
  dir: string,
  diagnostics: readonly Diagnostic[],
  options: LintOptions,
): Promise<void> {
  const form = formOf(options)
  if (form === 'jsonl') {
    printEvent(print, { type: 'version', format: OUTPUT_VERSION })
    for (const one of diagnostics) printEvent(print, { type: 'diagnostic', ...one })
    return
  }
  if (form === 'json' || form === 'yaml') {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    const summary = { errors, warnings: diagnostics.length - errors }
    return printValue(print, form, { version: OUTPUT_VERSION, site: dir, summary, diagnostics })
  }
  const lines = diagnosticLines(dir, diagnostics)
  print.out([...lines, ...(lines.length > 0 ? [[]] : []), [['bold', `${dir}: ${tally(diagnostics)}`]]])
}

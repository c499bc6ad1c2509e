import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'

type Options = CommonOptions & OutputOptions & MasterOptions

/** `drover resume`: a paused host goes on. */
export async function resume(context: Context, host: string, options: Options): Promise<number> {
  await withOperator(context, options, (operator) => operator.call('Resume', { host }))
  const form = formOf(options)
  if (form === 'table') context.print.out([[['bold', host], ' goes on']])
  else await printValue(context.print, form, { version: OUTPUT_VERSION, host, mode: 'enforce' })
  return EXIT.done
}

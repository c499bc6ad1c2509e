import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'

/** `drover revoke`: a host may not call any more. */
export async function revoke(
  context: Context,
  host: string,
  options: AskOptions & { readonly why: string },
): Promise<number> {
  await withOperator(context, options, (operator) => operator.call('Revoke', { host, reason: options.why }))
  const form = formOf(options)
  if (form !== 'table') {
    await printValue(context.print, form, { version: OUTPUT_VERSION, host, status: 'revoked' })
    return EXIT.done
  }
  context.print.out([[['bold', host], ' is revoked: it gets nothing from the master any more']])
  context.print.err([[['dim', `it keeps what it has; to let it in again: drover invite ${host}`]]])
  return EXIT.done
}

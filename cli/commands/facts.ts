import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { pastTime } from '../past-time.ts'
import { jsonOf } from '../run-body.ts'
import { agoText } from '../time-text.ts'

type FactsOptions = AskOptions & { readonly at?: string }

/** `drover facts`: what roles may read of a host, now or at some time before. */
export async function hostFacts(context: Context, name: string, options: FactsOptions): Promise<number> {
  const at = options.at === undefined ? 0 : pastTime(options.at, Date.now())
  const found = await withOperator(context, options, (operator) => operator.call('GetFacts', { name, at }))
  await printValue(context.print, formOf(options) === 'yaml' ? 'yaml' : 'json', {
    version: OUTPUT_VERSION,
    ...(jsonOf(found.facts) as object | null),
  })
  if (context.stdout.isTTY) context.print.err([[['dim', `so since ${agoText(found.since, Date.now())}`]]])
  return EXIT.done
}

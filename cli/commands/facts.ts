import * as v from 'valibot'
import { Duration, milliseconds } from '../../lib/names.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { jsonOf } from '../run-body.ts'
import { agoText } from '../time-text.ts'

type FactsOptions = CommonOptions & OutputOptions & MasterOptions & { readonly at?: string }

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

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/** A date, or how long ago. */
export function pastTime(word: string, now: number): number {
  if (v.is(Duration, word)) return now - milliseconds(word)
  const at = DATE.test(word) ? Date.parse(word) : Number.NaN
  if (Number.isNaN(at))
    throw new Usage(
      `"${word}" is no time`,
      'such as 2026-03-01, 2026-03-01T14:00:00Z, or 2h for two hours ago',
    )
  if (at > now) throw new Usage(`"${word}" is in the future`)
  return at
}

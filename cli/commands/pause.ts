import * as v from 'valibot'
import { Duration, milliseconds } from '../../lib/names.ts'
import { type CommonOptions, type Context, formOf, OUTPUT_VERSION, type OutputOptions } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printValue } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { agoText, timeOf } from '../time-text.ts'

type Options = CommonOptions & OutputOptions & MasterOptions
type PauseOptions = Options & { readonly for: string; readonly why: string; readonly audit?: boolean }

/** `drover pause`: a host changes nothing by itself until an end. */
export async function pause(context: Context, host: string, options: PauseOptions): Promise<number> {
  if (!v.is(Duration, options.for))
    throw new Usage(`--for "${options.for}" is no duration`, 'such as 30m, 2h or 1d')
  const seconds = Math.ceil(milliseconds(options.for) / 1000)
  const mode = options.audit ? 'MODE_AUDIT' : 'MODE_PAUSED'
  const { until } = await withOperator(context, options, (operator) =>
    operator.call('Pause', { host, mode, seconds, reason: options.why }),
  )
  const form = formOf(options)
  const word = options.audit ? 'audit' : 'paused'
  if (form !== 'table') {
    await printValue(context.print, form, { version: OUTPUT_VERSION, host, mode: word, until: timeOf(until) })
    return EXIT.done
  }
  const what = options.audit ? 'looks and changes nothing' : 'is paused'
  context.print.out([[['bold', host], ` ${what} until ${timeOf(until)}, ${agoText(until, Date.now())}`]])
  context.print.err([[['dim', `before that: drover resume ${host}`]]])
  return EXIT.done
}

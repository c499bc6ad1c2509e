import { bringBack, type Quarantined, quarantined } from '../../agent/quarantine.ts'
import { type Context, formOf, type HereOptions, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { ownPath } from '../own-path.ts'
import { quarantinedJson, quarantinedOf, quarantineLines } from '../owned-text.ts'

/** `drover quarantine list` */
export async function quarantineList(context: Context, host: string, options: AskOptions): Promise<number> {
  const answer = await withOperator(context, options, (operator) => operator.call('ListQuarantine', { host }))
  return showQuarantine(context, quarantinedOf(answer.quarantined, host), options)
}

/** `drover local quarantine` */
export async function localQuarantine(context: Context, options: HereOptions): Promise<number> {
  ownPath(options.state)
  return showQuarantine(context, quarantined(options.state), options)
}

async function showQuarantine({ print }: Context, all: readonly Quarantined[], options: OutputOptions) {
  const form = formOf(options)
  const named = { list: 'quarantined', one: 'quarantined', name: ({ name }: { name: string }) => name }
  if (await printList(print, form, named, all.map(quarantinedJson))) return EXIT.done
  if (all.length === 0) print.err([['nothing is in quarantine']])
  else print.out(quarantineLines(all, Date.now()))
  return EXIT.done
}

/** `drover quarantine restore` */
export async function quarantineRestore(
  context: Context,
  host: string,
  name: string,
  options: AskOptions,
): Promise<number> {
  const { path } = await withOperator(context, options, (operator) =>
    operator.call('BringBack', { host, name }),
  )
  context.print.out([[`${path} is back on ${host}`]])
  return EXIT.done
}

/** `drover local bring-back` */
export async function localBringBack(context: Context, name: string, options: HereOptions): Promise<number> {
  ownPath(options.state)
  context.print.out([[`${bringBack(options.state, name).path} is back`]])
  return EXIT.done
}

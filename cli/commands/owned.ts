import { type OwnedView, ownedView } from '../../agent/keeping.ts'
import { owned as ownedHere } from '../../agent/local.ts'
import { count } from '../../lib/count.ts'
import { type Context, formOf, type HereOptions, type OutputOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { ownPath } from '../own-path.ts'
import { ownedJson, ownedLines, ownedOf } from '../owned-text.ts'

/** `drover owned`: what drover made or changed on a host, and what was there before. */
export async function owned(context: Context, host: string, options: AskOptions): Promise<number> {
  const answer = await withOperator(context, options, (operator) => operator.call('ListOwned', { host }))
  return showOwned(context, ownedOf(answer.owned, host), options)
}

/** `drover local owned` */
export async function localOwned(context: Context, options: HereOptions): Promise<number> {
  ownPath(options.state)
  const { print } = context
  const { entries, aside, damaged } = ownedHere(options.state)
  await showOwned(context, entries.map(ownedView), options)
  if (damaged)
    print.err([[['fail', 'some of the ledger is damaged and not shown; the next run sets it aside']]])
  if (aside !== null)
    print.err([[['fail', 'some of the ledger was damaged and is not shown; it is kept in '], aside]])
  return EXIT.done
}

async function showOwned(
  { print }: Context,
  views: readonly OwnedView[],
  options: OutputOptions,
): Promise<number> {
  const form = formOf(options)
  const named = { list: 'owned', one: 'owned', name: ({ id }: { id: string }) => id }
  if (await printList(print, form, named, views.map(ownedJson))) return EXIT.done
  if (views.length === 0) print.err([['drover has made or changed nothing here']])
  else {
    const total = [['bold', count(views.length, 'resource')] as const]
    print.out([...ownedLines(views, form === 'wide', Date.now()), [], total])
  }
  return EXIT.done
}

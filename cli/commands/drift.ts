import { type CommonOptions, type Context, formOf, type OutputOptions } from '../context.ts'
import { driftLines, driftView } from '../drift-text.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import type { Show } from '../plan-text.ts'
import { count } from '../print.ts'

type DriftOptions = CommonOptions &
  OutputOptions &
  MasterOptions & { readonly diff?: Show['diff']; readonly limit: number }

/** `drover drift`: what differs from what should be, as hosts last saw it. */
export async function drift(
  context: Context,
  names: readonly string[],
  options: DriftOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const selection = names.length === 0 ? null : { hosts: [...names] }
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const { drift, next_page_token } = await operator.call('ListDrift', { selection, ...page })
      return { rows: drift, next: next_page_token }
    }),
  )
  const code = rows.length === 0 ? EXIT.done : EXIT.due
  const named = {
    list: 'drift',
    one: 'drift',
    name: (row: { host: string; resource: string }) => `${row.host} ${row.resource}`,
  }
  if (await printList(print, form, named, rows.map(driftView))) return code
  const hosts = new Set(rows.map(({ host }) => host)).size
  const show = { diff: options.diff ?? 'short', all: false, wide: form === 'wide' } as const
  const verdict =
    rows.length === 0
      ? 'nothing differs'
      : `${count(rows.length, 'resource')} of ${count(hosts, 'host')} ${rows.length === 1 ? 'differs' : 'differ'}`
  print.out([...driftLines(rows, show, Date.now()), ...(rows.length > 0 ? [[]] : []), [['bold', verdict]]])
  if (more) print.err([[`these are the first ${options.limit}; see more with --limit`]])
  return code
}

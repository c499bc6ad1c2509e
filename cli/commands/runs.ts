import { type Context, formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { runView } from '../host-text.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import { runLines } from '../run-text.ts'

type RunsOptions = AskOptions & { readonly limit: number }

/** `drover runs`: the newest runs of a host or of all. */
export async function runs(
  context: Context,
  host: string | undefined,
  options: RunsOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const { runs, next_page_token } = await operator.call('ListRuns', { host: host ?? '', ...page })
      return { rows: runs, next: next_page_token }
    }),
  )
  const named = { list: 'runs', one: 'run', name: ({ id }: { id: string }) => id }
  if (await printList(print, form, named, rows.map(runView))) return EXIT.done
  if (rows.length === 0) print.err([['no runs are kept']])
  else print.out(runLines(rows, form === 'wide', Date.now()))
  if (more) print.err([[`these are the newest ${options.limit}; see more with --limit`]])
  return EXIT.done
}

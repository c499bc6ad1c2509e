import type { DriftRow__Output } from '../../proto/gen/drover/v1/DriftRow.ts'
import { type CommonOptions, type Context, formOf, type OutputOptions } from '../context.ts'
import { driftLines, driftView } from '../drift-text.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import { pastTime } from '../past-time.ts'
import type { Show } from '../plan-text.ts'
import { count } from '../print.ts'

type DriftOptions = CommonOptions &
  OutputOptions &
  MasterOptions & { readonly diff?: Show['diff']; readonly limit: number; readonly since?: string }

/** `drover drift`: what differs from what should be, as hosts last saw it; or what began to since a time. */
export async function drift(
  context: Context,
  names: readonly string[],
  options: DriftOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const selection = names.length === 0 ? null : { hosts: [...names] }
  const since = options.since === undefined ? 0 : pastTime(options.since, Date.now())
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const { drift, next_page_token } = await operator.call('ListDrift', { selection, since, ...page })
      return { rows: drift, next: next_page_token }
    }),
  )
  const code = rows.every(isSettled) ? EXIT.done : EXIT.due
  const named = {
    list: 'drift',
    one: 'drift',
    name: (row: { host: string; resource: string }) => `${row.host} ${row.resource}`,
  }
  if (await printList(print, form, named, rows.map(driftView))) return code
  const show = { diff: options.diff ?? 'short', all: false, wide: form === 'wide' } as const
  const verdict = options.since === undefined ? nowText(rows) : sinceText(rows)
  print.out([...driftLines(rows, show, Date.now()), ...(rows.length > 0 ? [[]] : []), [['bold', verdict]]])
  if (more) print.err([[`these are the first ${options.limit}; see more with --limit`]])
  return code
}

type Rows = readonly DriftRow__Output[]

const isSettled = ({ settled_at }: DriftRow__Output) => settled_at > 0

const hostsOf = (rows: Rows) => count(new Set(rows.map(({ host }) => host)).size, 'host')

function nowText(rows: Rows): string {
  if (rows.length === 0) return 'nothing differs'
  return `${count(rows.length, 'resource')} of ${hostsOf(rows)} ${rows.length === 1 ? 'differs' : 'differ'}`
}

function sinceText(rows: Rows): string {
  if (rows.length === 0) return 'nothing has begun to differ since then'
  const still = rows.filter((row) => !isSettled(row)).length
  return `${count(rows.length, 'difference')} of ${hostsOf(rows)} began since then, ${still === 0 ? 'none' : still} there still`
}

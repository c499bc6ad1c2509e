import type { ContestedRow__Output } from '../../proto/gen/drover/v1/ContestedRow.ts'
import type { DriftRow__Output } from '../../proto/gen/drover/v1/DriftRow.ts'
import { type CommonOptions, type Context, formOf, type OutputOptions } from '../context.ts'
import { contestedLines, contestedView, driftLines, driftView } from '../drift-text.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { MasterOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import { pastTime } from '../past-time.ts'
import type { Show } from '../plan-text.ts'
import { count, type Line } from '../print.ts'

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
  const fights: ContestedRow__Output[] = []
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const found = await operator.call('ListDrift', { selection, since, ...page })
      fights.push(...found.contested)
      return { rows: found.drift, next: found.next_page_token }
    }),
  )
  const code = rows.every(isSettled) ? EXIT.done : EXIT.due
  const named = {
    list: 'drift',
    one: 'drift',
    name: (row: { host: string; resource: string }) => `${row.host} ${row.resource}`,
    beside: { contested: fights.map(contestedView) },
  }
  if (await printList(print, form, named, rows.map(driftView))) return code
  const show = { diff: options.diff ?? 'short', all: false, wide: form === 'wide' } as const
  const verdict = options.since === undefined ? nowText(rows) : sinceText(rows)
  const now = Date.now()
  const blocks = [
    driftLines(rows, show, now),
    titled(contestedLines(fights, now)),
    [[['bold', verdict] as const]],
  ]
  print.out(
    blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : [[], ...block])),
  )
  if (more) print.err([[`these are the first ${options.limit}; see more with --limit`]])
  return code
}

const titled = (lines: readonly Line[]): Line[] =>
  lines.length === 0 ? [] : [[['bold', 'Contested: somebody else changes these again and again']], ...lines]

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

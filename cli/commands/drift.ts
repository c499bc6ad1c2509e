import { count } from '../../lib/count.ts'
import { Failure } from '../../lib/failure.ts'
import type { ContestedRow__Output } from '../../proto/gen/drover/v1/ContestedRow.ts'
import type { DriftRow__Output } from '../../proto/gen/drover/v1/DriftRow.ts'
import { type Context, formOf } from '../context.ts'
import { type DriftedSource, sitePatch } from '../drift-patch.ts'
import { contestedLines, contestedView, driftLines, driftView } from '../drift-text.ts'
import { EXIT, Usage } from '../exit.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { type Operator, withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import { pastTime } from '../past-time.ts'
import type { Show } from '../plan-text.ts'
import type { Line } from '../print.ts'

type DriftOptions = AskOptions & {
  readonly patch?: boolean
  readonly diff?: Show['diff']
  readonly limit: number
  readonly since?: string
}

/** `drover drift`: what differs from what should be, as hosts last saw it; or what began to since a time. */
export async function drift(
  context: Context,
  words: readonly string[],
  options: DriftOptions,
): Promise<number> {
  const { print } = context
  // No name of a host has a colon, and each id has one.
  const names = words.filter((word) => !word.includes(':'))
  const ids = new Set(words.filter((word) => word.includes(':')))
  if (options.patch) return patch(context, names, ids, options)
  const form = formOf(options)
  const selection = names.length === 0 ? null : { hosts: [...names] }
  const since = options.since === undefined ? 0 : pastTime(options.since, Date.now())
  const fights: ContestedRow__Output[] = []
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const found = await operator.call('ListDrift', { selection, since, ...page })
      fights.push(...found.contested.filter(isAsked(ids)))
      return { rows: found.drift.filter(isAsked(ids)), next: found.next_page_token }
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

const isAsked =
  (ids: ReadonlySet<string>) =>
  ({ resource }: { resource: string }) =>
    ids.size === 0 || ids.has(resource)

/** What one host has in place of what the site says, as a patch to the site; what can't be one is told beside it. */
async function patch(
  context: Context,
  [host, ...others]: readonly string[],
  ids: ReadonlySet<string>,
  options: DriftOptions,
): Promise<number> {
  if (host === undefined || others.length > 0) throw new Usage('--patch is of one host', 'name it')
  const drifted = await withOperator(context, options, async (operator) => {
    const { drift } = await operator.call('GetHost', { name: host })
    const found: DriftedSource[] = []
    for (const row of drift.filter(isAsked(ids)))
      found.push({ row, sources: await sourcesOf(operator, host, row.resource) })
    return found
  })
  const { patch: lines, rest } = sitePatch(drifted)
  context.print.out(lines.map((line) => [line]))
  if (rest.length > 0)
    context.print.err([[['bold', 'No patch, to be written into the site by hand:']], ...rest])
  return drifted.length === 0 ? EXIT.done : EXIT.due
}

/** What the declaration of a resource is made of; nothing where the host has it no more. */
async function sourcesOf(operator: Operator, host: string, id: string): Promise<DriftedSource['sources']> {
  const path = id.slice(id.indexOf(':') + 1)
  if (!path.startsWith('/')) return []
  try {
    const { resources } = await operator.call('Blame', { host, path, line: 0 })
    return resources.find((one) => one.id === id)?.sources ?? []
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-found') return []
    throw error
  }
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

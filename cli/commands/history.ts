import type { ChangeRow__Output } from '../../proto/gen/drover/v1/ChangeRow.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { rowLines } from '../drift-text.ts'
import { evidenceLines, evidenceView } from '../evidence-text.ts'
import { EXIT } from '../exit.ts'
import { printEvent, printList, printValue, printVersion } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import { pastLines, pastView } from '../past-text.ts'
import { pastTime } from '../past-time.ts'
import type { Line, Span } from '../print.ts'
import { changesOf } from '../run-body.ts'
import { tableLines } from '../table.ts'
import { agoText, timeOf } from '../time-text.ts'
import { fieldText } from '../value-text.ts'

type HistoryOptions = AskOptions & { readonly limit: number; readonly at?: string }

/** `drover history`: every change of a host, the newest first; or the host as it was at a time. */
export async function history(context: Context, host: string, options: HistoryOptions): Promise<number> {
  if (options.at !== undefined) return printPast(context, host, pastTime(options.at, Date.now()), options)
  const { print } = context
  const form = formOf(options)
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const { changes, next_page_token } = await operator.call('ListChanges', { host, ...page })
      return { rows: changes, next: next_page_token }
    }),
  )
  const named = { list: 'changes', one: 'change', name: ({ resource }: { resource: string }) => resource }
  if (await printList(print, form, named, rows.map(changeView))) return EXIT.done
  if (rows.length === 0) print.err([['nothing has changed']])
  else print.out(form === 'wide' ? wideLines(rows, Date.now()) : changeLines(rows, Date.now()))
  if (more) print.err([[`these are the newest ${options.limit}; see more with --limit`]])
  return EXIT.done
}

function changeLines(rows: readonly ChangeRow__Output[], now: number): Line[] {
  const [head = [], ...lines] = tableLines(
    ['WHEN', 'RESOURCE', 'WHAT', 'RUN', 'COMMIT', 'BY'],
    rows.map((row): Span[] => [
      agoText(row.at, now),
      ['bold', row.resource],
      whatSpan(row),
      row.run_id.slice(0, 18),
      row.commit.slice(0, 12),
      row.requested_by,
    ]),
  )
  return [head, ...lines.flatMap((line, i) => [line, ...knownLines(rows, i)])]
}

/** What is known of the time before a run, below the last line of that run. */
function knownLines(rows: readonly ChangeRow__Output[], i: number): Line[] {
  const row = rows[i]
  if (row === undefined || rows[i + 1]?.run_id === row.run_id) return []
  return evidenceLines(row.evidence).map((line): Line => ['    ', ...line])
}

function whatSpan({ status, reason, changes }: ChangeRow__Output): Span {
  if (status === 'failed') return ['fail', `failed: ${reason}`]
  return [
    'change',
    changesOf(changes)
      .map(({ field }) => fieldText(field))
      .join(', ') || status,
  ]
}

function wideLines(rows: readonly ChangeRow__Output[], now: number): Line[] {
  const show = { diff: 'full', all: false, wide: true } as const
  return rows.flatMap((row, i) => [
    [
      ['bold', timeOf(row.at) ?? ''],
      `  ${row.status}${row.reason === '' ? '' : `: ${row.reason}`}`,
      [
        'dim',
        `  run ${row.run_id}${row.commit === '' ? '' : `, commit ${row.commit.slice(0, 12)}`}${row.requested_by === '' ? '' : `, by ${row.requested_by}`}`,
      ],
    ],
    ...rowLines(
      { resource: row.resource, changes: row.changes, diff: row.diff, origin: row.origin },
      show,
      now,
    ).map((line): Line => ['  ', ...line]),
    ...knownLines(rows, i),
  ])
}

/** A change for programs. */
function changeView(row: ChangeRow__Output) {
  return {
    host: row.host,
    at: timeOf(row.at),
    run: row.run_id,
    resource: row.resource,
    status: row.status,
    changes: changesOf(row.changes),
    diff: row.diff || null,
    origin: row.origin || null,
    commit: row.commit || null,
    requestedBy: row.requested_by || null,
    reason: row.reason || null,
    evidence: evidenceView(row.evidence),
  }
}

async function printPast(
  context: Context,
  host: string,
  at: number,
  options: HistoryOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const past = await withOperator(context, options, (operator) => operator.call('GetPast', { host, at }))
  const view = pastView(host, at, past)
  if (form === 'json' || form === 'yaml') await printValue(print, form, { version: OUTPUT_VERSION, ...view })
  else if (form === 'jsonl') {
    printVersion(print)
    printEvent(print, { type: 'past', ...view })
  } else if (form === 'name') print.out(view.drift.map(({ resource }) => [resource]))
  else print.out(pastLines(host, at, past, form === 'wide', Date.now()))
  return EXIT.done
}

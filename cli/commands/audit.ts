import type { AuditRow__Output } from '../../proto/gen/drover/v1/AuditRow.ts'
import { type Context, formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { firstRows } from '../pages.ts'
import type { Span } from '../print.ts'
import { jsonOf } from '../run-body.ts'
import { tableLines } from '../table.ts'
import { agoText, timeOf } from '../time-text.ts'

type AuditOptions = AskOptions & { readonly limit: number }

/** `drover audit`: who did what on the master, the newest first. */
export async function audit(context: Context, options: AuditOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const { rows, more } = await withOperator(context, options, (operator) =>
    firstRows(options.limit, async (page) => {
      const { rows, next_page_token } = await operator.call('ListAudit', page)
      return { rows, next: next_page_token }
    }),
  )
  const named = { list: 'audit', one: 'audit', name: ({ method }: { method: string }) => method }
  if (await printList(print, form, named, rows.map(auditView))) return EXIT.done
  const now = Date.now()
  const headings = ['WHEN', 'WHO', 'WHAT', 'ON', 'RESULT', ...(form === 'wide' ? ['REQUEST'] : [])]
  const cells = (row: AuditRow__Output): Span[] => [
    form === 'wide' ? (timeOf(row.at) ?? '') : agoText(row.at, now),
    ['bold', row.actor],
    row.method,
    row.subject,
    [row.result === 'ok' ? 'dim' : 'fail', row.result],
    ...(form === 'wide' ? [Buffer.from(row.detail).toString()] : []),
  ]
  print.out(tableLines(headings, rows.map(cells)))
  if (more) print.err([[`these are the newest ${options.limit}; see more with --limit`]])
  return EXIT.done
}

const auditView = ({ at, actor, method, subject, detail, result }: AuditRow__Output) => {
  return { at: timeOf(at), actor, method, subject, request: jsonOf(detail), result }
}

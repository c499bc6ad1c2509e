import type { OperatorRow__Output } from '../../proto/gen/drover/v1/OperatorRow.ts'
import { type Context, formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { newJoinKey, printInvitation } from '../join-key.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import type { Span } from '../print.ts'
import { tableLines } from '../table.ts'
import { agoText, timeOf } from '../time-text.ts'

export type AddOptions = AskOptions & { readonly role: string; readonly ttl: string }

/** `drover operator add`: a join string for a person, or another role for one who is there. */
export async function addOperator(context: Context, name: string, options: AddOptions): Promise<number> {
  const { seed, request } = newJoinKey(options.ttl)
  const { role } = options
  const answer = await withOperator(context, options, (operator) =>
    operator.call('AddOperator', { ...request, name, role }),
  )
  const inviteId = request.invite_id
  await printInvitation(context, formOf(options), { kind: 'operator', name, inviteId, seed, answer })
  return EXIT.done
}

/** `drover operator list`: who may call the master, and who might. */
export async function listOperators(context: Context, options: AskOptions): Promise<number> {
  const { print } = context
  const { operators } = await withOperator(context, options, (operator) => operator.call('ListOperators', {}))
  const named = { list: 'operators', one: 'operator', name: ({ name }: { name: string }) => name }
  const now = Date.now()
  const views = operators.map((row) => viewOf(row, now))
  if (await printList(print, formOf(options), named, views)) return EXIT.done
  if (operators.length === 0) print.err([['no operators: "drover operator add NAME --role deployer"']])
  else print.out(linesOf(operators, now))
  return EXIT.done
}

/** `drover operator remove`: its certificate is worth nothing from now on. */
export async function removeOperator(context: Context, name: string, options: AskOptions): Promise<number> {
  await withOperator(context, options, (operator) => operator.call('RemoveOperator', { name }))
  context.print.err([[`${name} is no operator any more`]])
  return EXIT.done
}

const STATUS = {
  removed: ['dim', 'removed'],
  invited: ['dim', 'invited'],
  expired: ['fail', 'expired'],
  joined: 'joined',
} as const satisfies Record<string, Span>

function statusOf(row: OperatorRow__Output, now: number): keyof typeof STATUS {
  if (row.removed_at > 0) return 'removed'
  if (row.joined_at === 0) return 'invited'
  return row.certificate_expires_at <= now ? 'expired' : 'joined'
}

function viewOf(row: OperatorRow__Output, now: number) {
  return {
    name: row.name,
    role: row.role,
    status: statusOf(row, now),
    addedAt: timeOf(row.added_at),
    addedBy: row.added_by,
    joinedAt: timeOf(row.joined_at),
    removedAt: timeOf(row.removed_at),
    certificateExpiresAt: timeOf(row.certificate_expires_at),
  }
}

function linesOf(rows: readonly OperatorRow__Output[], now: number) {
  const cells = (row: OperatorRow__Output): Span[] => {
    const status = statusOf(row, now)
    return [
      ['bold', row.name],
      row.role,
      STATUS[status],
      `${agoText(row.added_at, now)} by ${row.added_by}`,
      status === 'joined' ? `ends ${agoText(row.certificate_expires_at, now)}` : '',
    ]
  }
  return tableLines(['OPERATOR', 'ROLE', 'STATUS', 'ADDED', 'CERTIFICATE'], rows.map(cells))
}

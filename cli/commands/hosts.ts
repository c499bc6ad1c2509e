import type { HostRow__Output } from '../../proto/gen/drover/v1/HostRow.ts'
import { type Context, formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { catalogText, driftText, hostView, pauseText, statusSpan } from '../host-text.ts'
import { printList } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import type { Line, Span } from '../print.ts'
import { tableLines } from '../table.ts'
import { agoText, spanText } from '../time-text.ts'
import { someOf } from '../value-text.ts'

export type HostsOptions = AskOptions & { readonly role: readonly string[] }

/** `drover hosts`: all hosts at a glance. */
export async function hosts(context: Context, options: HostsOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const selection = options.role.length === 0 ? null : { roles: [...options.role] }
  const found = await withOperator(context, options, (operator) => operator.call('ListHosts', { selection }))
  const named = { list: 'hosts', one: 'host', name: ({ name }: { name: string }) => name }
  if (await printList(print, form, named, found.hosts.map(hostView))) return EXIT.done
  if (found.hosts.length === 0) print.err([['no hosts: let one in with "drover invite HOST"']])
  else print.out(hostLines(found.hosts, form === 'wide', Date.now()))
  return EXIT.done
}

function hostLines(rows: readonly HostRow__Output[], wide: boolean, now: number): Line[] {
  const headings = ['HOST', 'STATUS', 'ROLES', 'ENVIRONMENT', 'LAST RUN', 'DRIFT', 'CATALOG', 'VERSION']
  const more = ['COMMIT', 'SEEN', 'CERTIFICATE', 'CLOCK', 'MODE']
  const cells = (row: HostRow__Output): Span[] => [
    ['bold', row.name],
    statusSpan(row.status),
    rolesText(row, wide),
    row.environment,
    row.id === '' ? '' : agoText(row.last_run_at, now),
    driftText(row),
    catalogText(row),
    row.version,
    ...(wide ? wideCells(row, now) : [['dim', pauseText(row, now)] as const]),
  ]
  return tableLines(wide ? [...headings, ...more] : [...headings, ''], rows.map(cells))
}

function rolesText({ roles }: HostRow__Output, wide: boolean): string {
  const names = roles.map(({ role }) => role)
  return wide ? names.join(', ') : someOf(names)
}

function wideCells(row: HostRow__Output, now: number): Span[] {
  if (row.id === '') return []
  const skewMs = Math.abs(row.clock_skew_ms)
  return [
    row.commit.slice(0, 12),
    row.connected ? 'connected' : agoText(row.last_seen_at, now),
    `ends ${agoText(row.certificate_expires_at, now)}`,
    skewMs < 1000 ? 'right' : `${spanText(skewMs)} ${row.clock_skew_ms > 0 ? 'ahead' : 'behind'}`,
    pauseText(row, now),
  ]
}

import type { GetHostResponse__Output } from '../../proto/gen/drover/v1/GetHostResponse.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { contestedLines, contestedView, driftView, pauseOf, pauseView, rowLines } from '../drift-text.ts'
import { EXIT } from '../exit.ts'
import { catalogText, driftText, hostView, pauseText, runView, statusSpan } from '../host-text.ts'
import { printValue } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { pausedText } from '../plan-text.ts'
import type { Line } from '../print.ts'
import { runLines } from '../run-text.ts'
import { detailLines, tableLines } from '../table.ts'
import { agoText, spanText } from '../time-text.ts'
import { watchedLines, watchedText } from '../watched-text.ts'

/** `drover show`: one host with its roles, what differs, and its last runs. */
export async function showHost(context: Context, name: string, options: AskOptions): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const found = await withOperator(context, options, (operator) => operator.call('GetHost', { name }))
  const { host, runs, drift, pauses, contested } = found
  if (host === null) throw new Error('the master answered without a host')
  if (form === 'table' || form === 'wide') print.out(hostLines(found, host, form === 'wide', Date.now()))
  else {
    const [shown, differing] = [hostView(host), drift.map(driftView)]
    const told = {
      drift: differing,
      watching: found.watching,
      runs: runs.map(runView),
      pauses: pauses.map(pauseView),
      contested: contested.map(contestedView),
    }
    const view = { version: OUTPUT_VERSION, host: shown, ...told }
    await printValue(print, form, view)
  }
  return EXIT.done
}

type Host = NonNullable<GetHostResponse__Output['host']>

function hostLines(
  { runs, drift, watching, pauses, contested }: GetHostResponse__Output,
  host: Host,
  wide: boolean,
  now: number,
): Line[] {
  const rows = drift.flatMap((row) => rowLines(row, { diff: 'none', all: false, wide }, now))
  const roles = host.roles.map(({ role, origin }) => [['bold', role] as const, ['dim', origin] as const])
  const section = (title: string, lines: readonly Line[]): Line[] =>
    lines.length === 0 ? [] : [[], [['bold', title]], ...lines.map((line): Line => ['  ', ...line])]
  return [
    [['bold', host.name], '  ', statusSpan(host.status)],
    ...detailsOf(host, watching, now).map((line): Line => ['  ', ...line]),
    ...section('Roles', tableLines(['', ''], roles).slice(1)),
    ...section('Watched', wide && watching ? watchedLines(watching.types) : []),
    ...section('Differs', rows),
    ...section('Contested', contestedLines(contested, now)),
    ...section(
      'Paused',
      pauses.map((one): Line => [['bold', one.resource], `  ${pausedText(pauseOf(one, now))}`]),
    ),
    ...section('Last runs', runs.length === 0 ? [] : runLines(runs, wide, now)),
  ]
}

function detailsOf(host: Host, watching: GetHostResponse__Output['watching'], now: number): Line[] {
  const joined = host.id !== ''
  const skewMs = Math.abs(host.clock_skew_ms)
  return detailLines([
    ['environment', host.environment],
    ['mode', pauseText(host, now)],
    [
      'seen',
      joined ? (host.connected ? 'connected' : agoText(host.last_seen_at, now)) : 'never: it has not joined',
    ],
    ['last run', joined ? agoText(host.last_run_at, now) : null],
    ['drift', driftText(host)],
    ['watching', watching && watchedText(watching)],
    ['catalog', catalogText(host)],
    ['problem', host.compile_problem === '' ? null : ['fail', host.compile_problem]],
    ['commit', host.commit],
    ['version', host.version],
    [
      'certificate',
      host.certificate_expires_at === 0 ? null : `ends ${agoText(host.certificate_expires_at, now)}`,
    ],
    ['clock', skewMs < 1000 ? null : `${spanText(skewMs)} ${host.clock_skew_ms > 0 ? 'ahead' : 'behind'}`],
    ['reports', host.spooled_reports === 0 ? null : `${host.spooled_reports} on their way`],
    ['identity', host.id],
  ])
}

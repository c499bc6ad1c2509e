import { Failure } from '../lib/failure.ts'
import type { Selection } from '../proto/gen/drover/v1/Selection.ts'
import { type Context, type Form, formOf, type OutputOptions } from './context.ts'
import { quoteArgv } from './escape.ts'
import { fleetProgress } from './fleet-progress.ts'
import { fleetEvents, printFleet } from './fleet-report.ts'
import { type AskedRun, exitCodeOfFleet, type FleetRun, type Hearer, runFleet } from './fleet-run.ts'
import { onInterrupt } from './interrupt.ts'
import type { AskOptions } from './master-place.ts'
import type { Operator } from './operator.ts'
import type { Show } from './plan-text.ts'
import type { Print } from './print.ts'

/** What all runs on hosts have in common. */
export type ShownOptions = AskOptions & { readonly diff?: Show['diff']; readonly summary?: boolean }

/** What a plan and an apply have in common. */
export type FleetOptions = ShownOptions & { readonly role: readonly string[]; readonly all?: boolean }

/** The hosts that the words name; `null`: they name none. */
export function selectionOf(names: readonly string[], { role, all = false }: FleetOptions): Selection | null {
  return names.length + role.length === 0 && !all ? null : { hosts: [...names], roles: [...role], all }
}

const DETACHED = {
  check: 'interrupted: not waiting any longer',
  apply: 'detached: what has begun goes on; see it with "drover runs"',
} as const

/** Follows a run until it ends or the person has seen enough. */
export async function follow(
  { print }: Context,
  operator: Operator,
  asked: AskedRun,
  options: OutputOptions,
): Promise<FleetRun> {
  const { request } = asked
  const mode = request.kind === 'RUN_KIND_APPLY' ? 'apply' : 'check'
  const interrupt = onInterrupt(print, DETACHED[mode])
  const progress = fleetProgress(print, mode, () => performance.now())
  const events = fleetEvents(print, formOf(options))
  try {
    return await runFleet(operator, asked, both(progress, events), interrupt.stop, () => performance.now())
  } finally {
    progress.end()
    interrupt.done()
  }
}

const both = (first: Hearer, second: Hearer | null): Hearer => ({
  started(hosts) {
    first.started(hosts)
    second?.started(hosts)
  },
  progress(event) {
    first.progress(event)
    second?.progress(event)
  },
  result(result) {
    first.result(result)
    second?.result(result)
  },
})

/** Prints a run, and throws what broke it. */
export async function show(
  print: Print,
  run: FleetRun,
  options: ShownOptions,
  diff: Show['diff'],
  command: (fingerprint: string) => readonly string[] = (plan) => ['apply', '--plan', plan],
): Promise<number> {
  const form = formOf(options)
  await printFleet(print, form, run, showOf(options, diff))
  if (run.broken !== null) throw run.mode === 'apply' ? goesOn(run.broken) : run.broken
  if (isText(form) && run.fingerprint !== '') {
    const { socket } = options
    const words = [...command(run.fingerprint), ...(socket === undefined ? [] : ['--socket', socket])]
    print.out([[['dim', 'To apply exactly this: '], quoteArgv(['drover', ...words])]])
  }
  return exitCodeOfFleet(run)
}

export const showOf = ({ diff, summary = false }: ShownOptions, usual: Show['diff']) => ({
  diff: diff ?? usual,
  // Hosts do not report what is in order.
  all: false,
  wide: false,
  summaryOnly: summary,
})

const isText = (form: Form) => form === 'table' || form === 'wide'

function goesOn(broken: unknown): unknown {
  if (!(broken instanceof Failure)) return broken
  const { code, message, about } = broken
  const hint = 'what has begun goes on; see it with "drover runs"'
  return new Failure(code, message, { ...(about === undefined ? {} : { about }), hint, cause: broken })
}

import { Failure } from '../lib/failure.ts'
import type { Selection } from '../proto/gen/drover/v1/Selection.ts'
import { type CommonOptions, type Context, type Form, formOf, type OutputOptions } from './context.ts'
import { quoteArgv } from './escape.ts'
import { fleetProgress } from './fleet-progress.ts'
import { fleetEvents, printFleet } from './fleet-report.ts'
import { exitCodeOfFleet, type FleetRun, type Hearer, runFleet } from './fleet-run.ts'
import { onInterrupt } from './interrupt.ts'
import type { MasterOptions } from './master-place.ts'
import type { Operator, RequestOf } from './operator.ts'
import type { Show } from './plan-text.ts'
import type { Print } from './print.ts'

/** What a plan and an apply have in common. */
export type FleetOptions = CommonOptions &
  OutputOptions &
  MasterOptions & {
    readonly role: readonly string[]
    readonly all?: boolean
    readonly diff?: Show['diff']
    readonly summary?: boolean
  }

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
  request: RequestOf<'Run'>,
  options: FleetOptions,
): Promise<FleetRun> {
  const mode = request.kind === 'RUN_KIND_APPLY' ? 'apply' : 'check'
  const interrupt = onInterrupt(print, DETACHED[mode])
  const progress = fleetProgress(print, mode, () => performance.now())
  const events = fleetEvents(print, formOf(options))
  try {
    return await runFleet(operator, request, both(progress, events), interrupt.stop, () => performance.now())
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
  options: FleetOptions,
  diff: Show['diff'],
): Promise<number> {
  const form = formOf(options)
  await printFleet(print, form, run, showOf(options, diff))
  if (run.broken !== null) throw run.mode === 'apply' ? goesOn(run.broken) : run.broken
  if (isText(form) && run.fingerprint !== '') {
    print.out([[['dim', 'To apply exactly this: '], applyCommand(run.fingerprint, options)]])
  }
  return exitCodeOfFleet(run)
}

export const showOf = ({ diff, summary = false }: FleetOptions, usual: Show['diff']) => ({
  diff: diff ?? usual,
  // Hosts do not report what is in order.
  all: false,
  wide: false,
  summaryOnly: summary,
})

const isText = (form: Form) => form === 'table' || form === 'wide'

const applyCommand = (fingerprint: string, { socket }: MasterOptions) =>
  quoteArgv(['drover', 'apply', '--plan', fingerprint, ...(socket === undefined ? [] : ['--socket', socket])])

function goesOn(broken: unknown): unknown {
  if (!(broken instanceof Failure)) return broken
  const { code, message, about } = broken
  const hint = 'what has begun goes on; see it with "drover runs"'
  return new Failure(code, message, { ...(about === undefined ? {} : { about }), hint, cause: broken })
}

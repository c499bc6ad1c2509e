import { check, type Local, openSession } from '../../agent/local.ts'
import type { Catalog } from '../../lib/catalog.ts'
import { Failure } from '../../lib/failure.ts'
import { type Moved, movedBetween } from '../../lib/fingerprint.ts'
import { type RunResult, summarise } from '../../lib/outcome.ts'
import { STATE_DIR } from '../../lib/state-dirs.ts'
import { states } from '../../states/index.ts'
import { isYes, question } from '../ask.ts'
import {
  type CommonOptions,
  type Context,
  type Form,
  formOf,
  OUTPUT_VERSION,
  type OutputOptions,
} from '../context.ts'
import { quoteArgv } from '../escape.ts'
import { EXIT, exitCodeOfRun, Usage } from '../exit.ts'
import { type Interrupt, onInterrupt } from '../interrupt.ts'
import { printValue } from '../machine.ts'
import { ownPath } from '../own-path.ts'
import { type Seen, seenPlan, writePlan } from '../plan-file.ts'
import type { Show } from '../plan-text.ts'
import type { Line } from '../print.ts'
import { progress } from '../progress.ts'
import { eventPrinter, printReport, reportOf } from '../run-report.ts'
import { allFacts, factsFor, type Made, makeCatalog, openSite, pickHost } from '../site.ts'
import { someOf } from '../value-text.ts'

export type LocalOptions = CommonOptions &
  OutputOptions & {
    readonly host?: string
    readonly state: string
    readonly diff?: Show['diff']
    readonly all?: boolean
    readonly summary?: boolean
  }
type PlanOptions = LocalOptions & { readonly out?: string }
type ApplyOptions = LocalOptions & { readonly plan?: string; readonly yes?: boolean }

/** `drover local plan`: what an apply would do to this machine. It changes nothing. */
export async function localPlan(context: Context, dir: string, options: PlanOptions): Promise<number> {
  if (options.out !== undefined) ownPath(options.out)
  const run = await prepare(context, dir, options, 'check')
  try {
    const result = await check(run.local)
    run.end()
    const report = reportOf(run.host, 'check', result)
    if (options.out !== undefined) writePlan(options.out, report)
    await printReport(context.print, run.form, report, run.made.catalog, showOf(options, 'short'))
    if (run.isText)
      context.print.out(nextLines(result, applyCommand(dir, options, run.host, report.fingerprint)))
    return exitCodeOfRun(result.outcomes, run.interrupt.stop.aborted)
  } finally {
    run.end()
  }
}

/** `drover local apply`: makes this machine what the site says. */
export async function localApply(context: Context, dir: string, options: ApplyOptions): Promise<number> {
  const asks = options.plan === undefined && !options.yes
  if (asks && !context.stdin.isTTY) {
    throw new Usage('apply asks before it changes anything, and there is no terminal to ask on', USE_YES)
  }
  const seen = options.plan === undefined ? null : seenPlan(options.plan)
  const run = await prepare(context, dir, options, 'apply')
  try {
    const asked = asks ? await ask(context, run, options) : seen
    return typeof asked === 'number' ? asked : await applySeen(context, run, asked, options)
  } finally {
    run.end()
  }
}

/** Applies; when a plan was seen, that plan or nothing. */
async function applySeen(
  context: Context,
  run: Prepared,
  seen: Seen | null,
  options: ApplyOptions,
): Promise<number> {
  const session = openSession(run.local)
  try {
    const now = seen && (await session.check())
    // A look that was interrupted says nothing of the host; an apply then does nothing and says so.
    const moved = now && !run.interrupt.stop.aborted && seen.moved(run.host, now.outcomes)
    if (moved) await refuseMoved(context, run, moved, now, options)
    const result = await session.apply(now?.outcomes)
    run.end()
    const report = reportOf(run.host, 'apply', result)
    const show = showOf(options, seen === null ? 'short' : 'none')
    await printReport(context.print, run.form, report, run.made.catalog, show)
    return exitCodeOfRun(result.outcomes, run.interrupt.stop.aborted)
  } finally {
    session.close()
  }
}

const USE_YES = 'use --yes, or --plan with the fingerprint of a plan that you have seen'

type Prepared = {
  readonly host: string
  readonly made: Made
  readonly local: Local
  readonly form: Form
  /** People read it, so that prose may stand beside it. */
  readonly isText: boolean
  readonly interrupt: Interrupt
  /** Takes the live line and the signals back. */
  end(): void
}

/** The site, compiled for this machine, and what shows how far it is. */
export async function prepare(
  context: Context,
  dir: string,
  options: LocalOptions,
  mode: 'check' | 'apply' | 'rehearsal',
): Promise<Prepared> {
  ownPath(options.state)
  const { print } = context
  const form = formOf(options)
  const site = await openSite(dir)
  const host = pickHost(site, options.host)
  const made = await makeCatalog(dir, site, host, await factsFor(site, options.state))
  refuseSecrets(made.catalog)
  const interrupt = onInterrupt(print)
  const shown = progress(print, mode, () => performance.now())
  const emit = eventPrinter(print, form)
  const local: Local = {
    ...made,
    states,
    stateDir: options.state,
    tell(event) {
      emit(event)
      shown.tell(event)
    },
    waiting: shown.waiting,
    signal: interrupt.stop,
    kill: interrupt.kill,
  }
  const end = () => {
    shown.end()
    interrupt.done()
  }
  return { host, made, local, form, isText: form === 'table' || form === 'wide', interrupt, end }
}

/** Without a master nobody encrypts them to this machine. */
function refuseSecrets({ secrets, host }: Catalog): void {
  const [name] = Object.keys(secrets)
  if (name === undefined) return
  throw new Failure(
    'denied',
    `the roles of ${host} use the secret "${name}", which the agents of a master open`,
    {
      about: name,
      hint: 'run it under a master, or take the resource out with "when"',
    },
  )
}

const showOf = ({ diff, all = false, summary = false }: LocalOptions, usual: Show['diff']) => ({
  diff: diff ?? usual,
  all,
  wide: false,
  summaryOnly: summary,
})

/**
 * Shows the plan and asks: the plan that was agreed to, or the exit code where there is nothing to go on with. It
 * goes to the second stream, so that it is seen where the first is a file.
 */
async function ask(context: Context, run: Prepared, options: ApplyOptions): Promise<Seen | number> {
  const { print, stdin, stderr } = context
  const plan = await check({ ...run.local, tell: () => undefined })
  const report = reportOf(run.host, 'check', plan)
  const toStderr = { ...print, out: print.err }
  await printReport(toStderr, 'table', report, run.made.catalog, showOf(options, 'short'))
  if (summarise(plan.outcomes).planned === 0) return exitCodeOfRun(plan.outcomes, run.interrupt.stop.aborted)
  const answer = await question(
    'Apply this? [y/N] ',
    stdin,
    stderr as NodeJS.WritableStream,
    run.interrupt.stop,
  )
  if (isYes(answer)) return { moved: (_host, now) => movedBetween(plan.outcomes, now) }
  print.err([['nothing was changed']])
  return run.interrupt.stop.aborted ? EXIT.interrupted : EXIT.due
}

/** Reality is not what it was when the plan was seen, so nothing is done, and what moved is named. */
async function refuseMoved(
  context: Context,
  run: Prepared,
  moved: Moved,
  now: RunResult,
  options: ApplyOptions,
): Promise<never> {
  const { print } = context
  run.end()
  const list = (title: string, ids: readonly string[]): Line[] =>
    ids.length === 0 ? [] : [[`  ${title}: ${someOf(ids, 12)}`]]
  print.err([
    ...list('due now, and not in the plan', moved.fresh),
    ...list('due otherwise than the plan says', moved.different),
    ...list('in the plan, and in order now', moved.gone),
  ])
  if (moved.unnamed) {
    const report = reportOf(run.host, 'check', now)
    await printReport(
      { ...print, out: print.err },
      'table',
      report,
      run.made.catalog,
      showOf(options, 'short'),
    )
  }
  throw new Failure(
    'conflict',
    'the host is no longer what it was when the plan was made; nothing was changed',
    {
      hint: 'look at a new plan',
    },
  )
}

function nextLines(result: RunResult, command: string): Line[] {
  const { planned } = summarise(result.outcomes)
  return planned === 0 ? [] : [[['dim', 'To apply exactly this: '], command]]
}

function applyCommand(
  dir: string,
  { host, state, out }: PlanOptions,
  name: string,
  fingerprint: string | null,
): string {
  const words = ['drover', 'local', 'apply', dir, ...(host === undefined ? [] : ['--host', name])]
  if (state !== STATE_DIR) words.push('--state', state)
  return quoteArgv([...words, '--plan', out ?? fingerprint ?? ''])
}

/** `drover local facts`: what roles may read of this machine. */
export async function localFacts(context: Context, options: CommonOptions & OutputOptions): Promise<number> {
  await printValue(context.print, formOf(options) === 'yaml' ? 'yaml' : 'json', {
    version: OUTPUT_VERSION,
    ...(await allFacts(STATE_DIR)),
  })
  return EXIT.done
}

import { count } from '../../lib/count.ts'
import type { Selection } from '../../proto/gen/drover/v1/Selection.ts'
import { isYes, question } from '../ask.ts'
import type { Context } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printFleet } from '../fleet-report.ts'
import { exitCodeOfFleet } from '../fleet-run.ts'
import { type FleetOptions, follow, selectionOf, show, showOf } from '../follow.ts'
import { onInterrupt } from '../interrupt.ts'
import { type Operator, withOperator } from '../operator.ts'

type ApplyOptions = FleetOptions & { readonly plan?: string; readonly yes?: boolean }

/** `drover apply`: makes hosts what the site says. */
export async function apply(
  context: Context,
  names: readonly string[],
  options: ApplyOptions,
): Promise<number> {
  const selection = selectionOf(names, options)
  if (selection === null && options.plan === undefined)
    throw new Usage('name hosts, a role, --all, or a plan')
  const asks = options.plan === undefined && !options.yes
  if (asks && !context.stdin.isTTY) {
    const hint = 'use --yes, or --plan with the fingerprint of a plan that you have seen'
    throw new Usage('apply asks before it changes anything, and there is no terminal to ask on', hint)
  }
  return withOperator(context, options, async (operator) => {
    const agreed = asks ? await ask(context, operator, selection, options) : (options.plan ?? '')
    if (typeof agreed === 'number') return agreed
    const request = { selection, kind: 'RUN_KIND_APPLY', plan: agreed } as const
    const run = await follow(context, operator, request, options)
    return show(context.print, run, options, agreed === '' ? 'short' : 'none')
  })
}

/** Shows the plan and asks: its fingerprint, or the exit code where there is nothing to go on with. */
async function ask(
  context: Context,
  operator: Operator,
  selection: Selection | null,
  options: ApplyOptions,
): Promise<string | number> {
  const { print, stdin, stderr } = context
  // What is agreed to is shown where it is seen, also when the first stream is a file.
  const shown = { ...context, print: { ...print, out: print.err, raw: () => undefined } }
  const people = { ...options, output: 'table', json: false } as const
  const run = await follow(shown, operator, { selection, kind: 'RUN_KIND_CHECK' }, people)
  await printFleet(shown.print, 'table', run, showOf(options, 'short'))
  if (run.broken !== null) throw run.broken
  if (run.detached || run.fingerprint === '') return exitCodeOfFleet(run)
  const due = run.results.filter(({ run: made }) => made?.head?.fingerprint).length
  const interrupt = onInterrupt(print, 'interrupted')
  try {
    const text = `Apply this to ${count(due, 'host')}? [y/N] `
    const answer = await question(text, stdin, stderr as NodeJS.WritableStream, interrupt.stop)
    if (isYes(answer)) return run.fingerprint
    print.err([['nothing was changed']])
    return interrupt.stop.aborted ? EXIT.interrupted : EXIT.due
  } finally {
    interrupt.done()
  }
}

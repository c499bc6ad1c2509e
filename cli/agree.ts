import { count } from '../lib/count.ts'
import { isYes, question } from './ask.ts'
import type { Context } from './context.ts'
import { EXIT, Usage } from './exit.ts'
import { printFleet } from './fleet-report.ts'
import { type AskedRun, exitCodeOfFleet } from './fleet-run.ts'
import { follow, type ShownOptions, showOf } from './follow.ts'
import { onInterrupt } from './interrupt.ts'
import type { Operator } from './operator.ts'

/** Whether a person has to agree first. Throws `Usage` where nobody could. */
export function hasToAsk(
  { stdin }: Context,
  { plan, yes }: { readonly plan?: string; readonly yes?: boolean },
  verb: string,
): boolean {
  const asks = plan === undefined && !yes
  if (!asks || stdin.isTTY) return asks
  const hint = 'use --yes, or --plan with the fingerprint of a plan that you have seen'
  throw new Usage(`${verb} asks before it changes anything, and there is no terminal to ask on`, hint)
}

/** Shows the plan and asks: its fingerprint, or the exit code where there is nothing to go on with. */
export async function agree(
  context: Context,
  operator: Operator,
  check: AskedRun,
  options: ShownOptions,
): Promise<string | number> {
  const { print, stdin, stderr } = context
  // What is agreed to is shown where it is seen, also when the first stream is a file.
  const shown = { ...context, print: { ...print, out: print.err, raw: () => undefined } }
  const people = { ...options, output: 'table', json: false } as const
  const run = await follow(shown, operator, check, people)
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

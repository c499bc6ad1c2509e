import { openHost } from '../agent/host.ts'
import { rehearse } from '../agent/rehearsal/rehearse.ts'
import { summarise } from '../lib/outcome.ts'
import type { Rehearsal } from '../lib/rehearsal.ts'
import { type LocalOptions, prepare, showOf } from './commands/local.ts'
import type { Context, Form } from './context.ts'
import { OUTPUT_VERSION } from './context.ts'
import { EXIT } from './exit.ts'
import { printEvent, printValue } from './machine.ts'
import { rehearsalLines, rehearsalSummary } from './rehearsal-text.ts'

/** `drover local rehearse`: applies to a copy of this machine, and shows what became of it. */
export async function localRehearse(context: Context, dir: string, options: LocalOptions): Promise<number> {
  const run = await prepare(context, dir, options, 'rehearsal')
  try {
    const { interrupt, local } = run
    const host = openHost(options.state)
    const rehearsal = await rehearse({ ...local, sealed: [], host, signal: interrupt.stop })
    run.end()
    const { print } = context
    if (!run.isText) {
      await printRehearsal(context, run.form, run.host, rehearsal)
      return exitCodeOfRehearsal(rehearsal)
    }
    const show = { ...showOf(options, 'short'), wide: run.form === 'wide' }
    const lines = options.summary ? [] : rehearsalLines(rehearsal, run.made.catalog, show)
    print.out([...lines, ...(lines.length > 0 ? [[]] : []), rehearsalSummary(rehearsal)])
    return exitCodeOfRehearsal(rehearsal)
  } finally {
    run.end()
  }
}

/** For programs. */
async function printRehearsal(
  { print }: Context,
  form: Form,
  host: string,
  rehearsal: Rehearsal,
): Promise<void> {
  const view = { version: OUTPUT_VERSION, host, mode: 'rehearsal', ...rehearsal }
  if (form === 'name') print.out(rehearsal.effects.map(({ path }) => [path]))
  else if (form === 'jsonl') printEvent(print, { type: 'end', ...view })
  else await printValue(print, form, view)
}

/** Something would be done, or would fail. */
export function exitCodeOfRehearsal({ outcomes, effects }: Rehearsal): number {
  const { changed, failed } = summarise(outcomes)
  return (changed > 0 || effects.length > 0 ? EXIT.due : 0) + (failed > 0 ? EXIT.resourceFailed : 0)
}

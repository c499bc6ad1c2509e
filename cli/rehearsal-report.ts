import { summarise } from '../lib/outcome.ts'
import type { Rehearsal } from '../lib/rehearsal.ts'
import { type Form, OUTPUT_VERSION } from './context.ts'
import { EXIT } from './exit.ts'
import { printEvent, printValue } from './machine.ts'
import { heldLines, type Show } from './plan-text.ts'
import type { Print } from './print.ts'
import { rehearsalLines, rehearsalSummary } from './rehearsal-text.ts'

type Shown = { readonly diff?: Show['diff']; readonly all?: boolean; readonly summary?: boolean }

/** Prints a rehearsal in any form, and says how the verb ends: something would be done, or would fail. */
export async function showRehearsal(
  print: Print,
  form: Form,
  host: string,
  rehearsal: Rehearsal,
  { diff = 'short', all = false, summary = false }: Shown,
): Promise<number> {
  const view = { version: OUTPUT_VERSION, host, mode: 'rehearsal', ...rehearsal }
  if (form === 'name') print.out(rehearsal.effects.map(({ path }) => [path]))
  else if (form === 'jsonl') printEvent(print, { type: 'end', ...view })
  else if (form === 'json' || form === 'yaml') await printValue(print, form, view)
  else {
    const lines = summary ? [] : rehearsalLines(rehearsal, { diff, all, wide: form === 'wide' })
    const gap = lines.length > 0 ? [[]] : []
    print.out([...lines, ...gap, ...heldLines(rehearsal.held), rehearsalSummary(rehearsal)])
  }
  const { changed, failed } = summarise(rehearsal.outcomes)
  const isDue = changed > 0 || rehearsal.effects.length > 0
  return (isDue ? EXIT.due : 0) + (failed > 0 ? EXIT.resourceFailed : 0)
}

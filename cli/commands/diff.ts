import type { ComparedRuns__Output } from '../../proto/gen/drover/v1/ComparedRuns.ts'
import type { HostAt__Output } from '../../proto/gen/drover/v1/HostAt.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { type Declared, declaredOf, diffLines } from '../diff-text.ts'
import { EXIT, Usage } from '../exit.ts'
import { runView } from '../host-text.ts'
import { printEvent, printValue, printVersion } from '../machine.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { pastTime } from '../past-time.ts'
import type { Show } from '../plan-text.ts'

type DiffOptions = AskOptions & { readonly diff?: Show['diff'] }

/** `drover diff`: what two catalogs declare differently, each as a host had applied it at a time. */
export async function diff(
  context: Context,
  one: string,
  other: string,
  options: DiffOptions,
): Promise<number> {
  const { print } = context
  const form = formOf(options)
  const now = Date.now()
  const [from, to] = [hostAt(one, now), hostAt(other, now)]
  let runs: ComparedRuns__Output | null = null
  const found: Declared[] = []
  await withOperator(context, options, async (operator) => {
    for await (const part of operator.stream('CompareCatalogs', { from, to })) {
      if (part.runs) runs = part.runs
      if (part.pair) found.push(await declaredOf(part.pair))
    }
  })
  const compared = endsOf(runs)
  const code = found.length === 0 ? EXIT.done : EXIT.due
  if (form === 'json' || form === 'yaml') {
    const [before, after] = [runView(compared.from), runView(compared.to)]
    const view = { version: OUTPUT_VERSION, from: before, to: after, resources: found.map(viewOf) }
    await printValue(print, form, view)
  } else if (form === 'jsonl') {
    printVersion(print)
    for (const one of found) printEvent(print, { type: 'resource', ...viewOf(one) })
  } else if (form === 'name') print.out(found.map(({ outcome }) => [outcome.id]))
  else {
    const show: Show = { diff: options.diff ?? 'short', all: false, wide: form === 'wide' }
    print.out(diffLines(compared, found, show, now))
  }
  return code
}

/** `web1@2d`: a host and a time; a host alone is as it is now. */
function hostAt(word: string, now: number): HostAt__Output {
  const [host = '', ...time] = word.split('@')
  if (host === '') throw new Usage(`"${word}" names no host`, 'such as web1, web1@2d or web1@2026-03-01')
  return { host, at: time.length === 0 ? 0 : pastTime(time.join('@'), now) }
}

function endsOf(runs: ComparedRuns__Output | null) {
  if (!runs?.from || !runs.to) throw new Error('the master answered without the two runs')
  return { from: runs.from, to: runs.to }
}

/** A resource for programs. */
function viewOf({ outcome, from, to }: Declared) {
  const [preview] = outcome.previews
  const { id, changes } = outcome
  return { id, changes, diff: preview?.diff ?? null, note: preview?.note ?? null, from, to }
}

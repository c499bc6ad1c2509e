import type { Context } from '../context.ts'
import { formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { fleetProgress } from '../fleet-progress.ts'
import { onInterrupt } from '../interrupt.ts'
import type { AskOptions } from '../master-place.ts'
import { type Operator, withOperator } from '../operator.ts'
import type { Show } from '../plan-text.ts'
import { rehearsalOf } from '../rehearsal-body.ts'
import { showRehearsal } from '../rehearsal-report.ts'

type RehearseOptions = AskOptions & {
  readonly diff?: Show['diff']
  readonly all?: boolean
  readonly summary?: boolean
}

/** `drover rehearse`: a host applies to a copy of itself, and says what became of it. It changes nothing. */
export async function rehearse(context: Context, name: string, options: RehearseOptions): Promise<number> {
  return withOperator(context, options, async (operator) => {
    const body = await bodyFrom(context, operator, name)
    if (body === null) return EXIT.interrupted
    return showRehearsal(context.print, formOf(options), name, rehearsalOf(body, name), options)
  })
}

/** `null`: nobody waits any more. */
async function bodyFrom({ print }: Context, operator: Operator, host: string): Promise<Buffer | null> {
  const interrupt = onInterrupt(print, 'interrupted: the copy is thrown away')
  const shown = fleetProgress(print, 'rehearsal', () => performance.now())
  const parts: Uint8Array[] = []
  try {
    shown.started([host])
    for await (const { progress, data } of operator.stream('Rehearse', { host }, interrupt.stop)) {
      if (progress) shown.progress(progress)
      if (data) parts.push(data)
    }
    return interrupt.stop.aborted ? null : Buffer.concat(parts)
  } finally {
    shown.end()
    interrupt.done()
  }
}

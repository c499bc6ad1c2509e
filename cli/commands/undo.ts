import * as v from 'valibot'
import { Duration, milliseconds } from '../../lib/names.ts'
import { agree, hasToAsk } from '../agree.ts'
import { type Context, formOf } from '../context.ts'
import { Usage } from '../exit.ts'
import type { FleetRun } from '../fleet-run.ts'
import { follow, type ShownOptions, show } from '../follow.ts'
import { withOperator } from '../operator.ts'
import type { Line } from '../print.ts'
import { agoText, timeOf } from '../time-text.ts'
import { someOf } from '../value-text.ts'

type UndoOptions = ShownOptions & {
  readonly check?: boolean
  readonly plan?: string
  readonly yes?: boolean
  readonly for: string
  readonly why?: string
}

/** `drover undo`: puts back what one run changed on a host, as that run found it. */
export async function undo(
  context: Context,
  host: string,
  runId: string,
  options: UndoOptions,
): Promise<number> {
  if (!v.is(Duration, options.for))
    throw new Usage(`--for "${options.for}" is no duration`, 'such as 30m, 2h or 1d')
  if (options.check && (options.plan !== undefined || options.yes))
    throw new Usage('--check changes nothing', 'leave it out, or --plan and --yes')
  const look = { host, run_id: runId, kind: 'RUN_KIND_CHECK' } as const
  const asks = !options.check && hasToAsk(context, options, 'undo')
  return withOperator(context, options, async (operator) => {
    if (options.check) {
      const run = await follow(context, operator, { method: 'Undo', request: look }, options)
      tellOf(context, run)
      return show(context.print, run, options, 'short', (plan) => ['undo', host, runId, '--plan', plan])
    }
    const check = { method: 'Undo', request: look } as const
    const agreed = asks ? await agree(context, operator, check, options) : (options.plan ?? '')
    if (typeof agreed === 'number') return agreed
    const pause_seconds = Math.ceil(milliseconds(options.for) / 1000)
    const order = { ...look, kind: 'RUN_KIND_APPLY', plan: agreed, pause_seconds } as const
    const request = { ...order, pause_reason: options.why ?? '' }
    const run = await follow(context, operator, { method: 'Undo', request }, options)
    const code = await show(context.print, run, options, agreed === '' ? 'short' : 'none')
    tellOf(context, run)
    if (['table', 'wide'].includes(formOf(options))) context.print.err(pausedLines(host, run))
    return code
  })
}

/** What the host does not know of the run that is undone. */
function tellOf({ print }: Context, { results }: FleetRun): void {
  if (results.some(({ body }) => body.undo?.whole === false))
    print.err([[['unknown', 'the run was ended before its end: what it did last may not be known']]])
}

const MAX_NAMED = 8

function pausedLines(host: string, { paused: { ids, until } }: FleetRun): Line[] {
  if (ids.length === 0) return []
  return [
    [`the site still declares ${someOf(ids, MAX_NAMED)} as the run had made it:`],
    [`it is left alone and shown as drift, paused until ${timeOf(until)}, ${agoText(until, Date.now())}`],
    [['dim', `when the site is mended: drover resume ${host}`]],
  ]
}

import type { Context } from '../context.ts'
import { Usage } from '../exit.ts'
import { type FleetOptions, follow, selectionOf, show } from '../follow.ts'
import { withOperator } from '../operator.ts'

/** `drover plan`: what an apply would do to hosts, which look at themselves. It changes nothing. */
export async function plan(
  context: Context,
  names: readonly string[],
  options: FleetOptions,
): Promise<number> {
  const selection = selectionOf(names, options)
  if (selection === null) throw new Usage('name hosts, a role or --all')
  return withOperator(context, options, async (operator) => {
    const request = { selection, kind: 'RUN_KIND_CHECK' } as const
    const run = await follow(context, operator, { method: 'Run', request }, options)
    return show(context.print, run, options, 'short')
  })
}

import { agree, hasToAsk } from '../agree.ts'
import type { Context } from '../context.ts'
import { Usage } from '../exit.ts'
import { type FleetOptions, follow, selectionOf, show } from '../follow.ts'
import { withOperator } from '../operator.ts'

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
  const asks = hasToAsk(context, options, 'apply')
  return withOperator(context, options, async (operator) => {
    const check = { method: 'Run', request: { selection, kind: 'RUN_KIND_CHECK' } } as const
    const agreed = asks ? await agree(context, operator, check, options) : (options.plan ?? '')
    if (typeof agreed === 'number') return agreed
    const request = { selection, kind: 'RUN_KIND_APPLY', plan: agreed } as const
    const run = await follow(context, operator, { method: 'Run', request }, options)
    return show(context.print, run, options, agreed === '' ? 'short' : 'none')
  })
}

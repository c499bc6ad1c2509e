import { releaseClaim } from '../../agent/keeping.ts'
import type { ResourceId } from '../../lib/state.ts'
import type { Context, HereOptions } from '../context.ts'
import { EXIT } from '../exit.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'
import { ownPath } from '../own-path.ts'

/** `drover release-claim`: a resource is drover's own no more. */
export async function release(
  context: Context,
  host: string,
  id: string,
  options: AskOptions,
): Promise<number> {
  await withOperator(context, options, (operator) => operator.call('ReleaseClaim', { host, resource: id }))
  context.print.out([[`${host} keeps ${id} as it is; drover has forgotten what was there before`]])
  return EXIT.done
}

/** `drover local release-claim` */
export async function localRelease(context: Context, id: string, options: HereOptions): Promise<number> {
  ownPath(options.state)
  releaseClaim(options.state, id as ResourceId)
  context.print.out([[`${id} stays as it is; drover has forgotten what was there before`]])
  return EXIT.done
}

import { type Context, formOf } from '../context.ts'
import { EXIT } from '../exit.ts'
import { newJoinKey, printInvitation } from '../join-key.ts'
import type { AskOptions } from '../master-place.ts'
import { withOperator } from '../operator.ts'

export type InviteOptions = AskOptions & {
  readonly ttl: string
  readonly roles?: string
  readonly replace?: boolean
}

/** `drover invite`: a join string for a host. The master never sees the key that is in it. */
export async function invite(context: Context, host: string, options: InviteOptions): Promise<number> {
  const { seed, request } = newJoinKey(options.ttl)
  const roles = (options.roles ?? '').split(',').filter((role) => role !== '')
  const { replace = false } = options
  const answer = await withOperator(context, options, (operator) =>
    operator.call('Invite', { ...request, host, roles, replace }),
  )
  const inviteId = request.invite_id
  await printInvitation(context, formOf(options), { kind: 'host', name: host, inviteId, seed, answer })
  return EXIT.done
}

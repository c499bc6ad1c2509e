import { type AssignOptions, tellRoles } from '../assign-text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { withOperator } from '../operator.ts'

/** `drover unassign`: takes roles from a host that were assigned on the master. */
export async function unassign(
  context: Context,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  const found = await withOperator(context, options, (operator) =>
    operator.call('Unassign', { host, roles: [...roles] }),
  )
  const kept = found.unchanged.map(({ role }) => role)
  const removed = roles.filter((role) => !kept.includes(role))
  await tellRoles(context, options, { host, roles: found.roles, unassigned: removed, unchanged: kept }, '-')
  for (const { role, origin } of found.unchanged) {
    const why = origin === '' ? 'it does not have it' : `it has it from ${origin}`
    context.print.err([[`${role} was not assigned to ${host} here: ${why}`]])
  }
  return EXIT.done
}

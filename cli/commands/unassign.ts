import { type AssignOptions, tellEdit, tellRoles } from '../assign-text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { withOperator } from '../operator.ts'

/** `drover unassign`: takes roles from a host, on the master or in the site. */
export async function unassign(
  context: Context,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  if (options.commit !== undefined) return unassignInSite(context, options.commit, host, roles, options)
  const found = await withOperator(context, options, (operator) =>
    operator.call('Unassign', { host, roles: [...roles] }),
  )
  const kept = found.unchanged.map(({ role }) => role)
  const removed = roles.filter((role) => !kept.includes(role))
  await tellRoles(context, options, { host, roles: found.roles, unassigned: removed, unchanged: kept }, '-')
  for (const { role, origin } of found.unchanged)
    context.print.err([[`${role} was not assigned to ${host} here: ${whyText(origin)}`]])
  return EXIT.done
}

const whyText = (origin: string) => (origin === '' ? 'it does not have it' : `it has it from ${origin}`)

async function unassignInSite(
  context: Context,
  dir: string,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  const { unwriteRoles } = await import('../write-roles.ts')
  const { file, line, removed, unchanged } = await unwriteRoles(dir, host, roles)
  const kept = unchanged.map(({ role, origin }) => [role, whyText(origin)] as const)
  const view = { host, file, line, unassigned: removed, unchanged }
  await tellEdit(context, options, { dir, file, line, edited: removed, kept }, view, '-')
  return EXIT.done
}

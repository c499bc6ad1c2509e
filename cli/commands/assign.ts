import { type AssignOptions, tellEdit, tellRoles } from '../assign-text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { withOperator } from '../operator.ts'

/** `drover assign`: gives roles to a host, on the master or in the site. */
export async function assign(
  context: Context,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  if (options.commit !== undefined) return assignInSite(context, options.commit, host, roles, options)
  const found = await withOperator(context, options, (operator) =>
    operator.call('Assign', { host, roles: [...roles] }),
  )
  const fresh = roles.filter((role) => !found.unchanged.includes(role))
  await tellRoles(
    context,
    options,
    { host, roles: found.roles, assigned: fresh, unchanged: found.unchanged },
    '+',
  )
  return EXIT.done
}

async function assignInSite(
  context: Context,
  dir: string,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  const { writeRoles } = await import('../write-roles.ts')
  const { file, line, added, unchanged } = await writeRoles(dir, host, roles)
  const kept = unchanged.map((role) => [role, 'it has it already'] as const)
  const view = { host, file, line, assigned: added, unchanged }
  await tellEdit(context, options, { dir, file, line, edited: added, kept }, view, '+')
  return EXIT.done
}

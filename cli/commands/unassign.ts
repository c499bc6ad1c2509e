import { type AssignOptions, tellRoles } from '../assign-text.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { quoteWord } from '../escape.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import { withOperator } from '../operator.ts'
import type { Line } from '../print.ts'

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
  { print }: Context,
  dir: string,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  const { unwriteRoles } = await import('../write-roles.ts')
  const { file, line, removed, unchanged } = await unwriteRoles(dir, host, roles)
  const form = formOf(options)
  if (form !== 'table') {
    await printValue(print, form, {
      version: OUTPUT_VERSION,
      host,
      file,
      line,
      unassigned: removed,
      unchanged,
    })
    return EXIT.done
  }
  print.out([
    ...removed.map(
      (role): Line => [
        ['remove', `- ${role}`],
        ['dim', `  ${file}:${line}`],
      ],
    ),
    ...unchanged.map(({ role, origin }): Line => [`  ${role}`, ['dim', `  ${whyText(origin)}`]]),
  ])
  if (removed.length > 0)
    print.err([[`${file} is changed and not committed; look at it: git -C ${quoteWord(dir)} diff`]])
  return EXIT.done
}

import { type AssignOptions, tellRoles } from '../assign-text.ts'
import { type Context, formOf, OUTPUT_VERSION } from '../context.ts'
import { quoteWord } from '../escape.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import { withOperator } from '../operator.ts'
import type { Line } from '../print.ts'

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
  { print }: Context,
  dir: string,
  host: string,
  roles: readonly string[],
  options: AssignOptions,
): Promise<number> {
  const { writeRoles } = await import('../write-roles.ts')
  const { file, line, added, unchanged } = await writeRoles(dir, host, roles)
  const form = formOf(options)
  if (form !== 'table') {
    await printValue(print, form, { version: OUTPUT_VERSION, host, file, line, assigned: added, unchanged })
    return EXIT.done
  }
  print.out([
    ...added.map(
      (role): Line => [
        ['add', `+ ${role}`],
        ['dim', `  ${file}:${line}`],
      ],
    ),
    ...unchanged.map((role): Line => [`  ${role}`, ['dim', '  it has it already']]),
  ])
  if (added.length > 0)
    print.err([[`${file} is changed and not committed; look at it: git -C ${quoteWord(dir)} diff`]])
  return EXIT.done
}

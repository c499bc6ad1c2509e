import type { Mode__Output } from '../../proto/gen/drover/v1/Mode.ts'
import { type AssignOptions, tellEdit, tellRoles } from '../assign-text.ts'
import { type Context, formOf } from '../context.ts'
import { quoteWord } from '../escape.ts'
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
  const { before, found } = await withOperator(context, options, async (operator) => ({
    before: await operator.call('GetHost', { name: host }),
    found: await operator.call('Unassign', { host, roles: [...roles] }),
  }))
  const kept = found.unchanged.map(({ role }) => role)
  const removed = roles.filter((role) => !kept.includes(role))
  await tellRoles(context, options, { host, roles: found.roles, unassigned: removed, unchanged: kept }, '-')
  for (const { role, origin } of found.unchanged)
    context.print.err([[`${role} was not assigned to ${host} here: ${whyText(origin)}`]])
  if (removed.length > 0 && formOf(options) === 'table')
    context.print.err([[['dim', nextText(host, before.host?.mode)]]])
  return EXIT.done
}

/** When what the roles made is taken back, and how to see it before. */
function nextText(host: string, mode: Mode__Output | undefined): string {
  if (mode === 'MODE_AUDIT' || mode === 'MODE_PAUSED')
    return `nothing is taken back before ${host} goes on: drover resume ${quoteWord(host)}`
  return `${host} takes back at once what no other role declares; ${LOOK_FIRST}`
}

const LOOK_FIRST = 'how to see that before it is done: drover unassign --help'

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
  if (removed.length > 0 && formOf(options) === 'table') context.print.err([[['dim', LOOK_FIRST]]])
  return EXIT.done
}

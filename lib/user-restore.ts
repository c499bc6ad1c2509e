import { asSet } from './accounts.ts'
import type { Host } from './host.ts'
import type { Former, Restoration } from './pre-image.ts'
import type { Fields } from './state.ts'
import type { UserProps } from './user-steps.ts'

/** How a user is taken back: the account that drover made, or what it changed of one that was there. */

export async function restoreUser(
  name: string,
  props: UserProps,
  { fields, host }: Pick<Former<Fields>, 'fields' | 'host'>,
): Promise<Restoration> {
  if (fields?.exists === true) return putBackUser(name, props, fields, host)
  const home = fields?.home_there === false ? await madeHome(name, props, host) : { isBare: false, stays: [] }
  return {
    back: [{ type: 'user', name, props: { absent: true, remove_home: home.isBare } }],
    stays: home.stays,
  }
}

/** Whether a home that was made with its user holds nothing but what it was made with. */
async function madeHome(name: string, { skeleton }: UserProps, host: Host) {
  const home = (await host.user(name))?.home ?? ''
  const inside = home === '' ? null : await host.list(home)
  if (inside === null) return { isBare: false, stays: [] }
  for (const one of inside) {
    const [there, first] = [`${home}/${one}`, `${skeleton}/${one}`]
    const isFile = async (path: string) => (await host.stat(path))?.kind === 'file'
    const same =
      (await isFile(there)) &&
      (await isFile(first)) &&
      (await host.sha256(there)) === (await host.sha256(first))
    if (!same)
      return { isBare: false, stays: [`its home ${home} stays: it holds more than it was made with`] }
  }
  return { isBare: true, stays: [] }
}

const FIELDS = [
  ...['uid', 'group', 'comment', 'home', 'shell', 'locked', 'expires'],
  ...['password_min_days', 'password_max_days', 'password_warn_days', 'password_inactive_days'],
] as const

/** A password that was replaced stays: no hash of an older one is kept. */
async function putBackUser(
  name: string,
  props: UserProps,
  fields: Partial<Fields>,
  host: Host,
): Promise<Restoration> {
  if (props.absent) return anew(name, fields)
  const declared = props as unknown as Record<string, unknown>
  const changed = FIELDS.filter(
    (field) => (declared[field] ?? null) !== null && (fields[field] ?? null) !== null,
  )
  const back = Object.fromEntries(changed.map((field) => [field, fields[field]]))
  const groups = await formerGroups(name, props, fields, host)
  const stays = props.password === null ? [] : [`the password of ${name} stays`]
  return { back: [{ type: 'user', name, props: { ...back, ...groups } }], stays }
}

async function formerGroups(
  name: string,
  { groups, only_groups }: UserProps,
  fields: Partial<Fields>,
  host: Host,
) {
  if (groups.length === 0 && !only_groups) return {}
  const before = (fields.groups ?? []) as readonly string[]
  const now = (await host.groups()).filter(({ members }) => members.includes(name)).map((group) => group.name)
  const stayed = now.filter((group) => before.includes(group) || !groups.includes(group))
  return { groups: asSet([...stayed, ...before]), only_groups: true }
}

/** A user that drover removed. */
function anew(name: string, fields: Partial<Fields>): Restoration {
  const { uid, comment, home, shell, groups, expires } = fields
  const props = { uid, comment, home, shell, groups, expires, create_home: false }
  const stays = [`${name} has no password: the one before is not kept`]
  return { back: [{ type: 'user', name, props }], stays }
}

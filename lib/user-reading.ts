import { asSet } from './accounts.ts'
import type { Host, UserReading } from './host.ts'
import { dateOf, digestOf, passwordOf } from './passwords.ts'

/** What a host says of a user: the readings of the state `user`. */

type Groups = {
  readonly group: string | null
  readonly groups: readonly string[]
  readonly only_groups: boolean
}

/** Groups that have to be there. One that is given by its number is left to the tools. */
export const groupsOf = ({ group, groups }: Groups) =>
  asSet([...groups, ...(group === null || /^\d+$/.test(group) ? [] : [group])])

export function accountOf(user: UserReading | null) {
  const { hash, locked } = passwordOf(user?.password ?? '!')
  return {
    uid: user?.uid ?? null,
    comment: user?.comment ?? '',
    shell: user?.shell ?? '',
    password: digestOf(hash),
    has_password: hash !== '' && hash !== '*',
    locked,
    expires: user?.expires == null ? 'never' : dateOf(user.expires),
    password_min_days: user?.ageing.min ?? null,
    password_max_days: user?.ageing.max ?? null,
    password_warn_days: user?.ageing.warn ?? null,
    password_inactive_days: user?.ageing.inactive ?? null,
  }
}

/** As it is declared, by name or by number, when it is the one. */
export async function primaryOf(user: UserReading | null, { group }: Groups, host: Host): Promise<string> {
  if (user === null || group === null) return ''
  const declared = /^\d+$/.test(group) ? Number(group) : (await host.group(group))?.gid
  return declared === user.gid ? group : ((await host.groupOf(user.gid)) ?? `${user.gid}`)
}

/** A user is in its primary group without being listed there, as long as that stays the primary one. */
export async function membershipsOf(
  user: UserReading,
  props: Groups & { readonly absent: boolean },
  host: Host,
): Promise<string[]> {
  const { name, gid } = user
  const { group: primary, groups, only_groups, absent } = props
  const stays = primary === null || (await primaryOf(user, props, host)) === primary
  const looked =
    only_groups || absent
      ? await host.groups()
      : (await Promise.all(groups.map((group) => host.group(group)))).filter((group) => group !== null)
  const inside = looked.filter(
    (group) => group.members.includes(name) || (stays && group.gid === gid && groups.includes(group.name)),
  )
  return asSet(inside.map((group) => group.name))
}

/** Whether a user's home belongs to another one. */
export async function isOfOther({ home, uid }: UserReading, host: Host): Promise<boolean> {
  const stat = await host.stat(home)
  return stat?.kind === 'directory' && stat.owner !== ((await host.userOf(uid)) ?? `${uid}`)
}

export async function isThere(user: UserReading | null, shell: string, host: Host): Promise<boolean> {
  return user?.shell === shell || (await host.stat(shell)) !== null
}

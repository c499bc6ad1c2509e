import * as v from 'valibot'
import {
  AccountId,
  accountCommand,
  asSet,
  isElsewhere,
  managed,
  refuseElsewhere,
  refuseTaken,
} from '../lib/accounts.ts'
import { Failure } from '../lib/failure.ts'
import { AccountName } from '../lib/names.ts'
import { absent } from '../lib/paths.ts'
import { putBack } from '../lib/restore.ts'
import { type Changes, defineState } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'

/**
 * A group of this host: its number and its members.
 *
 * Members are added and nobody is removed, unless `only_members`. Who has the group as primary group is a member
 * already. A user's memberships can be declared here or in `groups` of the `user`, and not in both places. Files
 * keep the number of their group when `gid` changes: look for them by `find / -xdev -gid OLD`.
 */
export const group = defineState({
  type: 'group',
  name: AccountName,

  props: v.strictObject({
    gid: v.nullish(
      v.pipe(
        AccountId,
        v.description('Its number; left out, the next free one, and not managed afterwards.'),
      ),
      null,
    ),
    system: v.optional(
      v.pipe(v.boolean(), v.description('A new group has a number from the range of the system.')),
      false,
    ),
    members: v.optional(v.pipe(v.array(AccountName), v.description('Users that are in it.')), []),
    only_members: v.optional(v.pipe(v.boolean(), v.description('Nobody but `members` is in it.')), false),
    non_unique: v.optional(
      v.pipe(v.boolean(), v.description('`gid` may be the number of another group as well.')),
      false,
    ),
    absent,
  }),

  fields: v.strictObject({
    exists: v.boolean(),
    gid: v.nullable(v.number()),
    members: v.array(v.string()),
    elsewhere: v.boolean(),
    /** Who else has the declared number, empty when it is free. */
    gid_of: v.string(),
    /** Users that would be left without a primary group. */
    primary_of: v.array(v.string()),
  }),

  sets: ['members'],

  desired(_name, { absent, gid, members, only_members }) {
    if (absent) return { exists: false }
    return managed({ exists: true, gid, members: members.length > 0 || only_members ? asSet(members) : null })
  },

  async read(name, { gid, members, only_members, absent }, host) {
    const group = await host.group(name)
    const users = await Promise.all(members.map((member) => host.user(member)))
    const inside = new Set(group?.members)
    for (const user of users) if (user && user.gid === group?.gid) inside.add(user.name)
    return {
      exists: group !== null,
      gid: group?.gid ?? null,
      members: asSet([...inside].filter((member) => only_members || members.includes(member))),
      elsewhere: group === null && !absent && (await isElsewhere('group', name, host)),
      gid_of: gid === null || group?.gid === gid ? '' : ((await host.groupOf(gid)) ?? ''),
      primary_of: group && absent ? primaryOf(group.gid, (await host.text('/etc/passwd')) ?? '') : [],
    }
  },

  steps(name, props, changes, current) {
    if (props.absent) {
      refusePrimary(name, current?.primary_of ?? [])
      return [accountCommand(['groupdel', '--', name], [`group:${name}`, `gid-of:${name}`, 'gid:*'])]
    }
    refuseElsewhere('group', name, current?.elsewhere ?? false)
    if (!props.non_unique) refuseTaken('group', props.gid, current?.gid_of ?? '', name)
    return [
      ...numberSteps(name, props, changes),
      ...memberSteps(name, props, changes, current?.members ?? []),
    ]
  },

  watches: () => [{ path: '/etc/group' }],

  requires: (_name, { members }) => members.map((member) => `user:${member}` as const),

  async restore(name, { gid, members, only_members, absent }, { fields, host }) {
    if (!fields?.exists) return putBack({ type: 'group', name, props: { absent: true } })
    if (absent) return putBack({ type: 'group', name, props: { gid: fields.gid, members: fields.members } })
    const before = fields.members ?? []
    const now = (await host.group(name))?.members ?? []
    const stayed = now.filter((member) => before.includes(member) || !members.includes(member))
    const props = {
      ...(gid !== null && { gid: fields.gid }),
      ...((members.length > 0 || only_members) && {
        members: asSet([...stayed, ...before]),
        only_members: true,
      }),
    }
    return putBack({ type: 'group', name, props })
  },

  sharesPaths: true,

  examples: [
    `group: deploy
members: [alice, bob]`,
    `group: storage
gid: 2000
members: [backup]
only_members: true`,
  ],
})

function numberSteps(
  name: string,
  { gid, system, non_unique }: { gid: number | null; system: boolean; non_unique: boolean },
  changes: Changes,
): Step[] {
  const number = gid === null ? [] : ['--gid', `${gid}`, ...(non_unique ? ['--non-unique'] : [])]
  if (changes.has('exists')) {
    const argv = ['groupadd', ...(system ? ['--system'] : []), ...number, '--', name] as const
    return [accountCommand(argv, [`group:${name}`, gid === null ? 'gid:*' : `gid:${gid}`])]
  }
  if (!changes.has('gid')) return []
  // Whoever has it as primary group is given the new number by the same command.
  return [
    accountCommand(
      ['groupmod', ...number, '--', name],
      [`group:${name}`, `gid-of:${name}`, 'gid:*', 'user:*'],
    ),
  ]
}

function memberSteps(
  name: string,
  { members, only_members }: { members: readonly string[]; only_members: boolean },
  changes: Changes,
  inside: readonly string[],
): Step[] {
  if (!changes.has('members')) return []
  const touches = [`group:${name}`]
  if (only_members)
    return [
      accountCommand(
        ['gpasswd', '--members', asSet(members).join(','), '--', name],
        touches,
        wanted(members),
      ),
    ]
  return asSet(members)
    .filter((member) => !inside.includes(member))
    .map((member) => accountCommand(['gpasswd', '--add', member, '--', name], touches, wanted([member])))
}

const wanted = (members: readonly string[]) => members.map((member) => `user:${member}`)

function primaryOf(gid: number, passwd: string): string[] {
  const rows = passwd.split('\n').map((line) => line.split(':'))
  return rows.filter((row) => row[3] === `${gid}`).map(([user = '']) => user)
}

function refusePrimary(name: string, users: readonly string[]): void {
  if (users.length === 0) return
  throw new Failure('conflict', `group "${name}" is the primary group of ${users.join(', ')}`, {
    about: name,
    hint: 'give them another primary group, or remove them, before it',
  })
}

import t from 'tap'
import type { Host } from '../../lib/host.ts'
import { membershipsOf } from '../../lib/user-reading.ts'
import { fakeHost } from '../helpers/fake-host.ts'

const GROUPS = [
  { name: 'red', gid: 10, members: [] },
  { name: 'blue', gid: 11, members: ['ada'] },
]
const host: Host = {
  ...fakeHost().host,
  group: async (name) => GROUPS.find((group) => group.name === name) ?? null,
  groupOf: async (gid) => GROUPS.find((group) => group.gid === gid)?.name ?? null,
}

t.test('a user is in its primary group as long as that stays the primary one', async (t) => {
  const user = await host.user('ada')
  if (user === null) throw new Error('there is no user')
  const memberships = (group: string | null) =>
    membershipsOf(
      { ...user, gid: 10 },
      { group, groups: ['red', 'blue'], only_groups: false, absent: false },
      host,
    )
  t.same(await memberships(null), ['blue', 'red'])
  t.same(await memberships('red'), ['blue', 'red'])
  t.same(await memberships('10'), ['blue', 'red'])
  t.same(await memberships('blue'), ['blue'])
})

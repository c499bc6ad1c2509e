import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { group } from '../../states/group.ts'
import { contract } from '../helpers/contract.ts'

const there = {
  exists: true,
  gid: 2000,
  members: ['alice'],
  elsewhere: false,
  gid_of: '',
  primary_of: [],
}
const missing = { ...there, exists: false, gid: null, members: [] }

const cases = [
  { when: 'there', declared: {}, reading: there, runs: [] },
  { when: 'missing', declared: {}, reading: missing, runs: ['groupadd -- app'] },
  {
    when: 'missing, with a number and members',
    declared: { gid: 2000, system: true, members: ['bob', 'alice'] },
    reading: missing,
    runs: ['groupadd --system --gid 2000 -- app', 'gpasswd --add alice -- app', 'gpasswd --add bob -- app'],
  },
  {
    when: 'missing, with a number that another one has',
    declared: { gid: 2000, non_unique: true },
    reading: { ...missing, gid_of: 'other' },
    runs: ['groupadd --gid 2000 --non-unique -- app'],
  },
  { when: 'another number', declared: { gid: 2001 }, reading: there, runs: ['groupmod --gid 2001 -- app'] },
  {
    when: 'one member is missing',
    declared: { members: ['alice', 'bob', 'bob'] },
    reading: there,
    runs: ['gpasswd --add bob -- app'],
  },
  {
    when: 'nobody but one is to be in it',
    declared: { members: ['bob'], only_members: true },
    reading: there,
    runs: ['gpasswd --members bob -- app'],
  },
  {
    when: 'nobody is to be in it',
    declared: { only_members: true },
    reading: there,
    runs: ['gpasswd --members  -- app'],
  },
  { when: 'absent and there', declared: { absent: true }, reading: there, runs: ['groupdel -- app'] },
  { when: 'absent and missing', declared: { absent: true }, reading: missing, runs: [] },
]

for (const { when, declared, reading, runs } of cases) {
  t.test(`${when}: ${runs.join(', ') || 'nothing'}`, async (t) => {
    const { steps } = plan(group, 'app', parse(group.props, declared), reading)
    t.same(
      steps.map((step) => (step.do === 'run' ? step.pipe[0].join(' ') : step.do)),
      runs,
    )
  })
}

const refusals = [
  {
    when: 'its number is taken',
    declared: { gid: 7 },
    reading: { ...missing, gid_of: 'lp' },
    says: /gid 7 belongs to group "lp"/,
  },
  {
    when: 'it is in LDAP',
    declared: {},
    reading: { ...missing, elsewhere: true },
    says: /another source, such as LDAP/,
  },
  {
    when: 'it is to go and is a primary group',
    declared: { absent: true },
    reading: { ...there, primary_of: ['bob', 'eve'] },
    says: /primary group of bob, eve/,
  },
]

for (const { when, declared, reading, says } of refusals) {
  t.test(`${when}: refused`, async (t) => {
    t.throws(() => plan(group, 'app', parse(group.props, declared), reading), { message: says, hint: /./ })
  })
}

t.test('a number of 32 bits at most', async (t) => {
  t.notOk(safeParse(group.props, { gid: -1 }).success)
  t.notOk(safeParse(group.props, { gid: 4_294_967_295 }).success)
})

t.test('whom it needs', async (t) => {
  t.same(group.requires?.('app', parse(group.props, { members: ['bob'] })), ['user:bob'])
  t.same(group.watches?.('app', parse(group.props, {})), [{ path: '/etc/group' }])
})

t.test('contract', async (t) =>
  contract(t, group, 'app', { gid: 2000, members: ['alice'], only_members: true }, there),
)

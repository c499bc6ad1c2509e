import t from 'tap'
import { parse, safeParse } from 'valibot'
import { dateOf, digestOf, isDate } from '../../lib/passwords.ts'
import { plan } from '../../lib/plan.ts'
import { Secret } from '../../lib/secret.ts'
import { user } from '../../states/user.ts'
import { contract } from '../helpers/contract.ts'

const HASH = '$6$saltsalt$hashhashhash'
const there = {
  exists: true,
  uid: 1000,
  group: 'app',
  groups: ['adm'],
  comment: 'An app',
  home: '/srv/app',
  home_there: true,
  home_of_other: false,
  home_mode: '0750',
  shell: '/bin/bash',
  password: digestOf(HASH),
  has_password: true,
  locked: false,
  expires: '2027-01-31',
  password_min_days: 0,
  password_max_days: 90,
  password_warn_days: 7,
  password_inactive_days: 30,
  elsewhere: false,
  uid_of: '',
  own_group: false,
  shell_there: true,
}
const missing = {
  ...there,
  exists: false,
  uid: null,
  group: '',
  groups: [],
  home_there: false,
  shell: '',
  password: 'none',
  has_password: false,
  locked: true,
  expires: 'never',
  password_max_days: null,
}

const cases = [
  { when: 'there', declared: {}, reading: there, runs: [] },
  {
    when: 'missing',
    declared: {},
    reading: missing,
    runs: [
      'useradd --user-group --home-dir /home/app --create-home --skel /etc/skel --key HOME_MODE=0700 --shell /bin/bash -- app',
    ],
  },
  {
    when: 'missing, for the system',
    declared: { system: true },
    reading: missing,
    runs: [
      'useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin -- app',
    ],
  },
  {
    when: 'missing, its home and its group are there',
    declared: { home: '/srv/app', shell: '/bin/sh' },
    reading: { ...missing, home_there: true, own_group: true },
    runs: ['useradd --gid app --home-dir /srv/app --no-create-home --shell /bin/sh -- app'],
  },
  {
    when: 'missing, with all that there is',
    declared: {
      uid: 2000,
      group: 'staff',
      groups: ['b', 'a'],
      comment: 'An app',
      home_mode: '0755',
      skeleton: '/etc/other',
      expires: '2027-01-31',
      password: HASH,
      password_max_days: 90,
      non_unique: true,
    },
    reading: missing,
    runs: [
      'useradd --uid 2000 --non-unique --gid staff --groups a,b --comment An app --home-dir /home/app --create-home --skel /etc/other --key HOME_MODE=0755 --shell /bin/bash --expiredate 2027-01-31 -- app',
      `chpasswd --encrypted < app:${HASH}`,
      'chage --maxdays 90 -- app',
    ],
  },
  {
    when: 'missing, to be locked with its password',
    declared: { system: true, password: HASH, locked: true, expires: 'never' },
    reading: missing,
    runs: [
      'useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin -- app',
      `chpasswd --encrypted < app:!${HASH}`,
    ],
  },
  {
    when: 'other numbers, names and places',
    declared: { uid: 2000, group: 'staff', comment: '', home: '/srv/b', shell: '/bin/sh', expires: 'never' },
    reading: there,
    runs: ['usermod --uid 2000 --gid staff --comment  --home /srv/b --shell /bin/sh --expiredate  -- app'],
  },
  {
    when: 'its home is to be moved',
    declared: { home: '/srv/b', move_home: true },
    reading: there,
    runs: ['usermod --home /srv/b --move-home -- app'],
  },
  {
    when: 'a group is missing',
    declared: { groups: ['sudo', 'adm'] },
    reading: there,
    runs: ['usermod --append --groups sudo -- app'],
  },
  {
    when: 'it is in a group too many',
    declared: { groups: ['sudo'], only_groups: true },
    reading: { ...there, groups: ['adm', 'sudo'] },
    runs: ['usermod --groups sudo -- app'],
  },
  {
    when: 'it is to be in no group',
    declared: { only_groups: true },
    reading: there,
    runs: ['usermod --groups  -- app'],
  },
  {
    when: 'another password',
    declared: { password: `${HASH}2` },
    reading: there,
    runs: [`chpasswd --encrypted < app:${HASH}2`],
  },
  {
    when: 'another password for who was locked by hand',
    declared: { password: `${HASH}2` },
    reading: { ...there, locked: true },
    runs: [`chpasswd --encrypted < app:!${HASH}2`],
  },
  {
    when: 'a password for who never had one',
    declared: { password: HASH },
    reading: { ...there, password: 'none', has_password: false, locked: true },
    runs: [`chpasswd --encrypted < app:${HASH}`],
  },
  {
    when: 'another password that is given once',
    declared: { password: `${HASH}2`, password_once: true },
    reading: there,
    runs: [],
  },
  {
    when: 'missing, with a password that is given once',
    declared: { password: HASH, password_once: true, system: true },
    reading: missing,
    runs: [
      'useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin -- app',
      `chpasswd --encrypted < app:${HASH}`,
    ],
  },
  { when: 'to be locked', declared: { locked: true }, reading: there, runs: ['usermod --lock -- app'] },
  {
    when: 'to be unlocked',
    declared: { locked: false },
    reading: { ...there, locked: true },
    runs: ['usermod --unlock -- app'],
  },
  {
    when: 'to be unlocked, with another password',
    declared: { locked: false, password: `${HASH}2` },
    reading: { ...there, locked: true },
    runs: [`chpasswd --encrypted < app:${HASH}2`],
  },
  {
    when: 'other days',
    declared: {
      password_min_days: 1,
      password_max_days: 60,
      password_warn_days: 14,
      password_inactive_days: 5,
    },
    reading: there,
    runs: ['chage --mindays 1 --maxdays 60 --warndays 14 --inactive 5 -- app'],
  },
  {
    when: 'its home is gone',
    declared: { create_home: true },
    reading: { ...there, home_there: false, home_mode: '' },
    runs: ['mkhomedir_helper app 0077 /etc/skel 0700'],
  },
  {
    when: 'its home is gone, and nobody said that it should be there',
    declared: {},
    reading: { ...there, home_there: false },
    runs: [],
  },
  { when: 'absent and there', declared: { absent: true }, reading: there, runs: ['userdel -- app'] },
  {
    when: 'absent with its home, and there',
    declared: { absent: true, remove_home: true },
    reading: there,
    runs: ['userdel --remove -- app'],
  },
  { when: 'absent and missing', declared: { absent: true }, reading: missing, runs: [] },
]

for (const { when, declared, reading, runs } of cases) {
  t.test(`${when}: ${runs.length === 0 ? 'nothing' : runs.length}`, async (t) => {
    const { steps } = plan(user, 'app', parse(user.props, declared), reading)
    const shown = steps.map((step) => {
      if (step.do !== 'run') return step.do
      const stdin = step.stdin instanceof Secret ? step.stdin.reveal().trim() : step.stdin
      return `${step.pipe[0].join(' ')}${stdin === null ? '' : ` < ${stdin}`}`
    })
    t.same(shown, runs)
  })
}

for (const ofOther of [false, true]) {
  t.test(`a home ${ofOther ? 'of another user stays' : 'goes'} with a user that is removed`, async (t) => {
    const props = parse(user.props, { absent: true, remove_home: true })
    const [step] = plan(user, 'app', props, { ...there, home_of_other: ofOther }).steps
    if (step?.do !== 'run') throw new Error('no command')
    t.same(step.exitCodes, ofOther ? [0, 12] : [0])
    t.equal(step.touches.includes('file:/srv/app'), !ofOther)
    t.ok(step.touches.includes('file:/var/mail/app'))
  })
}

t.test('the mode of a home is set on the home', async (t) => {
  const props = parse(user.props, { create_home: true, home_mode: '0700' })
  t.same(plan(user, 'app', props, there).steps, [{ do: 'chmod', path: '/srv/app', mode: '0700' }])
})

const refusals = [
  {
    when: 'its uid is taken',
    declared: { uid: 7 },
    reading: { ...missing, uid_of: 'lp' },
    says: /uid 7 belongs to user "lp"/,
  },
  {
    when: 'it is in LDAP',
    declared: {},
    reading: { ...missing, elsewhere: true },
    says: /another source, such as LDAP/,
  },
  {
    when: 'its shell is not there',
    declared: { shell: '/bin/zsh' },
    reading: { ...there, shell_there: false },
    says: /shell \/bin\/zsh is not there/,
  },
  {
    when: 'there is nothing to unlock',
    declared: { locked: false },
    reading: { ...there, locked: true, has_password: false },
    says: /no password that could be unlocked/,
  },
  {
    when: 'it is root and is to go',
    declared: { absent: true },
    reading: { ...there, uid: 0 },
    says: /has uid 0/,
  },
]

for (const { when, declared, reading, says } of refusals) {
  t.test(`${when}: refused`, async (t) => {
    t.throws(() => plan(user, 'app', parse(user.props, declared), reading), { message: says })
  })
}

t.test('a password is refused in plain text, without being repeated', async (t) => {
  const { issues } = safeParse(user.props, { password: 'hunter2hunter2' })
  t.match(issues?.[0]?.message, /given as its hash.*mkpasswd/)
  t.notMatch(issues?.[0]?.message, /hunter2/)
  t.ok(safeParse(user.props, { password: '*' }).success)
})

t.test('a hash is nowhere in what is shown of a plan', async (t) => {
  const shown = plan(user, 'app', parse(user.props, { password: `${HASH}2` }), there)
  t.match(JSON.stringify(shown), /"stdin":"sha256:[0-9a-f]{16}"/)
  t.notMatch(JSON.stringify(shown), /hashhash/)
})

t.test('a date is a day that there is', async (t) => {
  for (const date of ['2027-01-31', '2028-02-29', '2000-02-29', 'never']) t.ok(isDate(date), date)
  for (const date of [
    '2027-02-29',
    '2100-02-29',
    '2027-13-01',
    '2027-00-10',
    '2027-01-00',
    '31.1.2027',
    '1969-01-01',
  ])
    t.notOk(isDate(date), date)
})

t.test('days since 1970 are the dates that everybody else counts', async (t) => {
  for (let days = 0; days < 200_000; days += 37)
    if (dateOf(days) !== new Date(days * 86_400_000).toISOString().slice(0, 10)) t.fail(`day ${days}`)
  t.equal(dateOf(20_849), '2027-01-31')
})

t.test('what it needs, and where it listens', async (t) => {
  const props = parse(user.props, { groups: ['adm'], home: '/srv/app' })
  t.same(user.requires?.('app', props), [
    'group:adm',
    'group:app',
    'directory:/srv',
    'link:/srv',
    'file:/srv',
  ])
  t.same(user.requires?.('app', parse(user.props, { group: '100' })), [])
  t.match(user.watches?.('app', props), [{ path: '/etc/passwd' }])
})

t.test('contract', async (t) => {
  const declared = {
    ...{ uid: 1000, group: 'app', groups: ['adm'], only_groups: true, comment: 'An app', shell: '/bin/bash' },
    ...{ home: '/srv/app', create_home: true, home_mode: '0750' },
    ...{ password: HASH, locked: false, expires: '2027-01-31' },
    ...{ password_min_days: 0, password_max_days: 90, password_warn_days: 7, password_inactive_days: 30 },
  }
  contract(t, user, 'app', declared, there)
})

import t from 'tap'
import { parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import { authorizedKeys } from '../../states/authorized-keys.ts'
import { user as userState } from '../../states/user.ts'
import { contract } from '../helpers/contract.ts'
import { ALICE, BOB, CAROL, EVE } from '../helpers/keys.ts'

const PATH = '/home/app/.ssh/authorized_keys'
const there = {
  exists: true,
  kind: 'file' as const,
  keys: [ALICE, BOB],
  revoked: [],
  mode: '0600',
  owner: 'app',
  own_group: true,
  folder_mode: '0700',
  folder_owner: 'app',
  folder_kind: 'directory' as const,
  path: PATH,
  group: 'app',
  text: `${ALICE}\n${BOB}\n`,
}
const missing = { ...there, exists: false, keys: [], mode: '0000', owner: '', own_group: false, text: '' }
const noFolder = { folder_kind: null, folder_mode: '', folder_owner: '' }
const restricted = `restrict ${BOB}`

const cases = [
  { when: 'as declared', declared: {}, reading: there, does: [] },
  { when: 'missing', declared: {}, reading: missing, does: ['write'], text: `${ALICE}\n${BOB}\n` },
  {
    when: 'missing with its folder',
    declared: {},
    reading: { ...missing, ...noFolder },
    does: ['mkdir', 'write'],
  },
  {
    when: 'somebody added a key',
    declared: {},
    reading: { ...there, keys: [ALICE, BOB, EVE] },
    does: ['write'],
    text: `${ALICE}\n${BOB}\n`,
  },
  {
    when: 'a key is missing among those of others',
    declared: { exclusive: false },
    reading: { ...there, keys: [ALICE], text: `# ours\n${EVE}\n\n${ALICE}` },
    does: ['write'],
    text: `# ours\n${EVE}\n\n${ALICE}\n${BOB}\n`,
  },
  {
    when: 'a key has other options than declared',
    declared: { keys: [ALICE, restricted], exclusive: false },
    reading: there,
    does: ['write'],
    text: `${ALICE}\n${restricted}\n`,
  },
  {
    when: 'a key is revoked',
    declared: { keys: [ALICE], revoked: [EVE], exclusive: false },
    reading: {
      ...there,
      keys: [ALICE],
      revoked: [`restrict ${EVE}`],
      text: `restrict ${EVE}\n${ALICE}\n${BOB}\n`,
    },
    does: ['write'],
    text: `${BOB}\n${ALICE}\n`,
  },
  {
    when: 'missing, and others would be welcome',
    declared: { exclusive: false },
    reading: missing,
    does: ['write'],
    text: `${ALICE}\n${BOB}\n`,
  },
  { when: 'nobody is let in', declared: { keys: [] }, reading: there, does: ['write'], text: '' },
  {
    when: 'a link is in its place',
    declared: {},
    reading: { ...there, kind: 'link' as const },
    does: ['write'],
  },
  { when: 'its mode differs', declared: {}, reading: { ...there, mode: '0644' }, does: ['chmod'] },
  { when: 'its owner differs', declared: {}, reading: { ...there, owner: 'root' }, does: ['chown', 'chmod'] },
  {
    when: 'its group differs',
    declared: {},
    reading: { ...there, own_group: false },
    does: ['chown', 'chmod'],
  },
  { when: 'its folder is open', declared: {}, reading: { ...there, folder_mode: '0755' }, does: ['chmod'] },
  {
    when: 'its folder belongs to root',
    declared: {},
    reading: { ...there, folder_owner: 'root', folder_mode: '0755' },
    does: ['chown', 'chmod'],
  },
  {
    when: 'it is elsewhere, where the folder is not its own',
    declared: { file: '/etc/ssh/keys/app' },
    reading: { ...there, path: '/etc/ssh/keys/app', folder_mode: '0755', folder_owner: 'root' },
    does: [],
  },
  { when: 'absent and there', declared: { absent: true }, reading: there, does: ['remove'] },
  { when: 'absent and missing', declared: { absent: true }, reading: missing, does: [] },
]

for (const { when, declared, reading, does, text } of cases) {
  t.test(`${when}: ${does.join(', ') || 'nothing'}`, async (t) => {
    const props = parse(authorizedKeys.props, { keys: [ALICE, BOB], ...declared })
    const { steps } = plan(authorizedKeys, 'app', props, reading)
    t.same(
      steps.map((step) => step.do),
      does,
    )
    const last = steps.at(-1)
    if (text !== undefined && last?.do === 'write') {
      // Whole: t.match takes a part of a text for all of it.
      t.same(last.content, { text })
      t.same([last.mode, last.owner, last.group], ['0600', 'app', 'app'])
    }
  })
}

const refusals = [
  { when: 'the user is unknown', reading: { ...missing, path: '' }, says: /user "app" is unknown/ },
  {
    when: 'its folder is a link',
    reading: { ...missing, folder_kind: 'link' as const },
    says: /no directory but a link/,
  },
  {
    when: 'a directory is in its place',
    reading: { ...there, kind: 'directory' as const },
    says: /is a directory, not a file/,
  },
]

for (const { when, reading, says } of refusals) {
  t.test(`${when}: refused`, async (t) => {
    const props = parse(authorizedKeys.props, { keys: [ALICE] })
    t.throws(() => plan(authorizedKeys, 'app', props, reading), { message: says, hint: /./ })
  })
}

t.test('keys have to be declared, lest a slip lets nobody in', async (t) => {
  t.match(safeParse(authorizedKeys.props, {}).issues?.[0]?.message, /"keys" must be declared/)
  t.match(safeParse(authorizedKeys.props, { keys: ['x'] }).issues?.[0]?.message, /a key is a line such as/)
  t.ok(safeParse(authorizedKeys.props, { keys: [CAROL] }).success)
})

t.test('what it needs, and where it listens', async (t) => {
  const props = parse(authorizedKeys.props, { keys: [] })
  t.same(authorizedKeys.watches?.('app', props), [{ path: PATH }])
  t.same(authorizedKeys.watches?.('root', props), [{ path: '/root/.ssh/authorized_keys' }])
  t.same(authorizedKeys.requires?.('app', props).slice(0, 2), ['user:app', 'directory:/home'])
})

t.test('a user that is not there yet has the home that is declared', async (t) => {
  const complete = (declared: object, user: object | null) => {
    const props = user && parse(userState.props, user)
    const all = props === null ? [] : [{ type: 'user', name: 'app', props: { ...props }, paths: [] }]
    const keys = parse(authorizedKeys.props, { keys: [], ...declared })
    const { home, group } = authorizedKeys.complete?.('app', keys, all) ?? keys
    return { home, group }
  }
  t.same(complete({}, null), { home: null, group: null })
  t.same(complete({}, {}), { home: '/home/app', group: 'app' })
  t.same(complete({}, { home: '/srv/app', group: 'games' }), { home: '/srv/app', group: 'games' })
  t.same(complete({ home: '/a', group: 'b' }, { home: '/srv/app' }), { home: '/a', group: 'b' })
})

t.test('contract', async (t) => {
  contract(t, authorizedKeys, 'app', { keys: [ALICE, BOB], revoked: [EVE], exclusive: false }, there)
  contract(t, authorizedKeys, 'app', { keys: [ALICE, BOB] }, there)
})

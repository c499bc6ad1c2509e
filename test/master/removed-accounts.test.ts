import t from 'tap'
import { refuseRemovedAccounts } from '../../master/compile/accounts.ts'
import type { Checked } from '../../master/compile/references.ts'
import type { Diagnostics } from '../../master/site/diagnostics.ts'
import { lint } from '../../master/site/lint.ts'
import { states } from '../../states/index.ts'
import { writeSite } from './write-site.ts'

const place = { file: 'roles/x/role.yaml', line: 1, column: 1 }
const declared = (id: string, props: object) => {
  const [type, name] = id.split(':')
  return { one: { id, type, name, place }, props } as unknown as Checked
}

function refused(...checked: Checked[]): string[] {
  const said: string[] = []
  const found = { error: (_code: string, _place: unknown, text: string) => said.push(text) }
  refuseRemovedAccounts(checked, found as unknown as Diagnostics)
  return said
}

const absent = { absent: true }

t.test('an account may go together with all that uses it', async (t) => {
  const [eve, club] = [declared('user:eve', { ...absent, groups: ['club'] }), declared('group:club', absent)]
  t.same(refused(eve, club, declared('file:/etc/x', { ...absent, owner: 'eve' })), [])
})

t.test('a group of its own that a user was given long ago may go', async (t) => {
  const user = declared('user:eve', { absent: false, group: null, groups: [] })
  t.same(refused(user, declared('group:eve', absent)), [])
})

t.test('each use is told by itself', async (t) => {
  const [one, two] = ['/etc/x', '/etc/y'].map((path) =>
    declared(`file:${path}`, { owner: 'eve', group: 'eve' }),
  )
  t.equal(refused(one as Checked, two as Checked, declared('user:eve', absent)).length, 2)
})

const uses: readonly (readonly [string, string])[] = [
  ['file: /etc/x\n    owner: eve', 'user: eve'],
  ['group: staff\n    members: [eve]', 'user: eve'],
  ['cron: job\n    schedule: "@daily"\n    command: id\n    user: eve', 'user: eve'],
  ['command: id\n    user: eve', 'user: eve'],
  ['authorized-keys: eve\n    keys: []', 'user: eve'],
  ['user: adam\n    groups: [club]', 'group: club'],
  ['directory: /srv/x\n    group: club', 'group: club'],
]
for (const [use, account] of uses) {
  t.test(`${use.replace(/\n +/g, ', ')} does not go with ${account} that is absent`, async (t) => {
    const role = `resources:\n  - ${use}\n  - ${account}\n    absent: true\n`
    const line = role.split('\n').findIndex((one) => one.includes(account) && one.startsWith('  - ')) + 1
    t.match(await lint(writeSite(t.testdir(), { 'roles/web/role.yaml': role }), states), [
      {
        code: 'E_ACCOUNT_REMOVED',
        file: 'roles/web/role.yaml',
        line: 2,
        message: / uses (user:eve|group:club), which is declared absent$/,
        hint: new RegExp(`^see roles/web/role.yaml:${line};`),
      },
    ])
  })
}

import t from 'tap'
import { lint } from '../../master/site/lint.ts'
import { states } from './states.ts'
import { writeSite } from './write-site.ts'

const FILES = {
  'drover.yaml': 'name: test\nenvironments:\n  staging: { branhc: main }\n',
  'hosts.yaml': `hosts:
  web1: { roles: [base, web, dbb], environment: stagign }
  WEB1: { roles: [base] }
  db1: { roles: [base, broken], vars: { workers: many } }
`,
  'data/common.yaml': 'base:\n  contcat: root\nratio: 1e999\n',
  'roles/base/role.yaml': `params:
  contact: { type: string, default: root }
  level: { type: integr }
resources:
  - file: /etc/a
    mode: 0644
    owner: 7
    colour: red
    backup: everywhere
  - pakage: nginx
  - service: nginx
    running: maybe
  - file: /etc/b
    content: "{{ params.contakt }}"
    source: b.txt
`,
  'roles/web/role.yaml': `params:
  workers: { type: integer, default: 2, min: 1 }
resources:
  - file: /etc/web
    template: web.j3
    restart_on: [file:/etc/wbe]
  - package: nginx
    needs: file:/etc/web
    when: facts.os.codenmae == 'bookworm'
`,
  'roles/web/templates/web.j2': 'a\n{% if %}\n',
  'roles/broken/role.yaml': `includes: [base]
params:
  workers: { type: integer, required: true }
resources:
  - file: /etc/c
    content: "{{ params.workers }}"
    mode: 0755
`,
} as const

const MISTAKES = [
  'E_UNKNOWN_KEY drover.yaml:3:14',
  'E_UNKNOWN_ROLE hosts.yaml:2:30',
  'E_INVENTORY_ENVIRONMENT hosts.yaml:2:49',
  'E_INVENTORY_CASE hosts.yaml:3:3',
  'E_TYPE hosts.yaml:4:50',
  'E_UNKNOWN_KEY data/common.yaml:2:3',
  'E_NUMBER_RANGE data/common.yaml:3:8',
  'E_VALUE roles/base/role.yaml:3:18',
  'E_MODE_UNQUOTED roles/base/role.yaml:6:11',
  'E_TYPE roles/base/role.yaml:7:12',
  'E_UNKNOWN_KEY roles/base/role.yaml:8:5',
  'E_VALUE roles/base/role.yaml:9:13',
  'E_UNKNOWN_KIND roles/base/role.yaml:10:5',
  'E_NAME roles/base/role.yaml:11:5',
  'E_TYPE roles/base/role.yaml:12:14',
  'E_CONFLICT roles/base/role.yaml:15:5',
  'E_MODE_UNQUOTED roles/broken/role.yaml:7:11',
  'E_UNKNOWN_TEMPLATE roles/web/role.yaml:5:15',
  'E_UNKNOWN_RESOURCE roles/web/role.yaml:6:18',
  'E_REACTION roles/web/role.yaml:6:18',
  'E_UNDEFINED roles/web/role.yaml:9:11',
  'E_UNUSED_FILE roles/web/templates/web.j2:1:1',
  'E_TEMPLATE roles/web/templates/web.j2:2:7',
]

t.test('a site with twenty mistakes reports each of them, with its place, in one go', async (t) => {
  const diagnostics = await lint(writeSite(t.testdir(), FILES), states)
  const found = diagnostics.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)
  for (const mistake of MISTAKES) t.ok(found.includes(mistake), mistake)
  t.strictSame(
    found.filter((one) => !MISTAKES.includes(one)),
    [],
    'and nothing else',
  )
})

t.test('they are sorted by place, and each says what is wrong in a sentence of its own', async (t) => {
  const diagnostics = await lint(writeSite(t.testdir(), FILES), states)
  const places = diagnostics.map(
    ({ file, line, column }) => `${file} ${String(line).padStart(5)} ${String(column).padStart(5)}`,
  )
  t.strictSame(places, [...places].sort())
  for (const { message } of diagnostics) t.notMatch(message, /\.$|^[A-Z][a-z]+ /)
})

t.test('two cycles are both reported', async (t) => {
  const pair = (a: string, b: string) =>
    `  - { file: /etc/${a}, needs: file:/etc/${b} }\n  - { file: /etc/${b}, needs: file:/etc/${a} }\n`
  const role = `resources:\n${pair('a', 'b')}${pair('c', 'd')}`
  const diagnostics = await lint(writeSite(t.testdir(), { 'roles/web/role.yaml': role }), states)
  t.match(diagnostics, [
    { code: 'E_DEP_CYCLE', line: 2 },
    { code: 'E_DEP_CYCLE', line: 4 },
  ])
})

t.test('a mistake in a param hides none in the resources, and makes no second one', async (t) => {
  const role = `params: { n: { type: integer, required: true } }
resources:
  - file: /etc/x
    content: "{{ params.n }}"
    colour: red
`
  const diagnostics = await lint(writeSite(t.testdir(), { 'roles/web/role.yaml': role }), states)
  t.match(diagnostics, [
    { code: 'E_REQUIRED', file: 'hosts.yaml' },
    { code: 'E_UNKNOWN_KEY', line: 5 },
  ])
  t.equal(diagnostics.length, 2)
})

t.test('a role that no host has is checked all the same', async (t) => {
  const files = {
    'roles/web/role.yaml': '{}\n',
    'roles/idle/role.yaml': 'resources:\n  - file: /etc/x\n    mode: 0644\n    content: "{{ data.later }}"\n',
  }
  const codes = async (settings: string) => {
    const tree = { ...files, 'drover.yaml': `name: x\n${settings}` }
    return (await lint(writeSite(t.testdir(), tree), states)).map(({ code }) => code)
  }
  t.same(await codes(''), ['E_MODE_UNQUOTED'], 'the master may assign it')
  t.same(await codes('assignments: site-only\n'), ['E_UNUSED_ROLE', 'E_MODE_UNQUOTED'], 'nobody may')
})

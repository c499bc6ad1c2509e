import t, { type Test } from 'tap'
import { compile, type Facts } from '../../master/compile/compile.ts'
import { inputsOf } from '../../master/compile/inputs.ts'
import { readSite } from '../../master/site/read.ts'
import { states } from './states.ts'
import { type Files, writeSite } from './write-site.ts'

const FACTS = { os: { id: 'debian', codename: 'bookworm' }, memory: { total_mb: 1024 } }
type Setting = {
  readonly files: Files
  readonly facts: Facts
  readonly assigned: readonly string[]
  readonly factsOf: Facts
}

const BASE: Setting = {
  files: {
    'hosts.yaml':
      'hosts: { h1: { roles: [web], address: 192.0.2.1, vars: { n: 2 } }, h2: { roles: [other] } }\n',
    'roles/web/role.yaml': `includes: [base]
params: { n: { type: integer, default: 1 }, dir: { type: string, default: "{{ data.place.dir }}" } }
resources:
  - file: "{{ params.dir }}/{{ params.n }}"
    content: "{{ data.ntp.servers[0] }} {{ facts.os.codename }}"
  - file: /etc/b
    template: b.j2
  - file: /etc/c
    source: c
    when: facts.memory.total_mb > 512
  - package: "{{ item }}"
    for_each: data.wanted
`,
    'roles/web/templates/b.j2':
      'data is prose here, and so are facts\n{% for h in hosts %}{{ h.name }} {{ h.exports.u|default("-") }}\n{% endfor %}',
    'roles/web/files/c': 'c\n',
    'roles/base/role.yaml': 'resources:\n  - package: nano\n',
    'roles/other/role.yaml': 'exports: { u: "{{ facts.os.id }}" }\n',
    'roles/more/role.yaml': 'resources:\n  - package: htop\n',
    'data/common.yaml':
      'ntp: { servers: [a, b] }\nplace: { dir: /srv }\nwanted: [curl]\nunread: 1\nother: { x: 1 }\n',
  },
  facts: FACTS,
  assigned: [],
  factsOf: FACTS,
}

async function made(t: Test, setting: Setting): Promise<{ inputs: string; catalog: string }> {
  const { site, diagnostics } = await readSite(writeSite(t.testdir(), setting.files))
  t.strictSame(diagnostics, [], 'the site reads without a mistake')
  const options = {
    states,
    assigned: new Map([['h1', setting.assigned]]),
    factsOf: () => setting.factsOf,
  }
  const host = site.hosts.get('h1')
  if (host === undefined) throw new Error('no host')
  const { catalog, diagnostics: wrong } = await compile(site, 'h1', setting.facts, options)
  t.strictSame(
    wrong.filter(({ severity }) => severity === 'error'),
    [],
  )
  const inputs = await inputsOf(site, host, setting.facts, options, '1')
  return { inputs, catalog: JSON.stringify(catalog) }
}

const edited = (path: string, from: string, to: string): Setting => {
  const text = BASE.files[path]
  if (typeof text !== 'string' || !text.includes(from)) throw new Error(`${path} has no ${from}`)
  return { ...BASE, files: { ...BASE.files, [path]: text.replace(from, to) } }
}
const facts = (more: Facts): Setting => ({ ...BASE, facts: { ...FACTS, ...more } })

const read: Readonly<Record<string, Setting>> = {
  'a role': edited('roles/web/role.yaml', '/etc/b', '/etc/bb'),
  'a role that is included': edited('roles/base/role.yaml', 'nano', 'vim'),
  'a template': edited('roles/web/templates/b.j2', 'prose', 'text'),
  'a file': edited('roles/web/files/c', 'c', 'd'),
  'a key of data in a prop': edited('data/common.yaml', '[a, b]', '[z, b]'),
  'a key of data in for_each': edited('data/common.yaml', '[curl]', '[curl, wget]'),
  'a key of data in the default of a param': edited('data/common.yaml', '/srv', '/opt'),
  'a param in data': edited('data/common.yaml', 'unread: 1', 'web: { dir: /opt }'),
  'a var of the host': edited('hosts.yaml', 'n: 2', 'n: 3'),
  'a fact in a prop': facts({ os: { id: 'debian', codename: 'trixie' } }),
  'a fact in when': facts({ memory: { total_mb: 256 } }),
  'a role that is assigned': { ...BASE, assigned: ['more'] },
  'what another host exports': { ...BASE, factsOf: { os: { id: 'devuan' } } },
  'another host': edited('hosts.yaml', 'h2:', 'h3:'),
}

const unread: Readonly<Record<string, Setting>> = {
  'a key of data that no role reads': edited('data/common.yaml', 'unread: 1', 'unread: 2'),
  'params of a role that it has not': edited('data/common.yaml', 'x: 1', 'x: 2'),
  'a fact that no role reads': facts({ hostname: 'h1' }),
  'a role that it has not': edited('roles/more/role.yaml', 'htop', 'top'),
}

t.test('what a catalog is made of', async (t) => {
  const base = await made(t, BASE)
  t.equal((await made(t, BASE)).inputs, base.inputs, 'is the same for the same site')
  for (const [what, setting] of Object.entries(read)) {
    const one = await made(t, setting)
    t.not(one.catalog, base.catalog, `${what} makes another catalog`)
    t.not(one.inputs, base.inputs, `${what} is among its inputs`)
  }
  for (const [what, setting] of Object.entries(unread)) {
    const one = await made(t, setting)
    t.equal(one.catalog, base.catalog, `${what} makes no other catalog`)
    t.equal(one.inputs, base.inputs, `${what} is not among its inputs`)
  }
})

t.test('data that is used as a whole is read as a whole', async (t) => {
  for (const use of [
    '{{ data|tojson }}',
    "{{ data['unread'] }}",
    '{% set d = data %}{{ d.unread }}',
    '{{ data.items()|list|length }}{{ data.unread }}',
  ]) {
    const whole = edited('roles/web/templates/b.j2', 'prose here', `prose ${use}`)
    const before = await made(t, whole)
    const files = {
      ...whole.files,
      'data/common.yaml': String(whole.files['data/common.yaml']).replace('unread: 1', 'unread: 2'),
    }
    const after = await made(t, { ...whole, files })
    t.not(after.catalog, before.catalog, use)
    t.not(after.inputs, before.inputs, use)
  }
})

t.test('what is missing, what is null and what stands higher up are told apart', async (t) => {
  const use = (common: string): Setting => ({
    ...BASE,
    files: {
      ...BASE.files,
      'roles/web/templates/b.j2': '{{ data.a is defined }} {{ data.m.b | default("-") }}',
      'data/common.yaml': `${BASE.files['data/common.yaml']}${common}`,
    },
  })
  const all = ['', 'a: null\n', 'm: x\n', 'm: { b: x }\n', 'm: { b: null }\n']
  const each: { inputs: string; catalog: string }[] = []
  for (const common of all)
    each.push(await made(t, use(common === '' || common[0] === 'a' ? `${common}m: {}\n` : common)))
  for (const [i, one] of each.entries())
    for (const other of each.slice(0, i))
      if (one.catalog !== other.catalog) t.not(one.inputs, other.inputs, `${all[i]} has inputs of its own`)
})

t.test('what stands behind braces in quotes is read', async (t) => {
  const use = "{{ '}}' ~ data.unread }}"
  const before = await made(t, edited('roles/web/templates/b.j2', 'prose here', use))
  const files = { ...edited('roles/web/templates/b.j2', 'prose here', use).files }
  const after = await made(t, {
    ...BASE,
    files: {
      ...files,
      'data/common.yaml': String(files['data/common.yaml']).replace('unread: 1', 'unread: 2'),
    },
  })
  t.not(after.catalog, before.catalog)
  t.not(after.inputs, before.inputs)
})

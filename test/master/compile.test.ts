import t, { type Test } from 'tap'
import type { Catalog } from '../../lib/catalog.ts'
import { sha256 } from '../../lib/sha256.ts'
import { type Compiled, compile } from '../../master/compile/compile.ts'
import { explain } from '../../master/compile/explain.ts'
import { readSite } from '../../master/site/read.ts'
import { states } from './states.ts'
import { type Files, writeSite } from './write-site.ts'

const FACTS = { os: { id: 'debian', codename: 'bookworm' }, memory: { total_mb: 1024 } }
const ROLE = 'roles/web/role.yaml'

async function compiled(t: Test, files: Files, host = 'h1', facts = FACTS): Promise<Compiled> {
  const { site, diagnostics } = await readSite(writeSite(t.testdir(), files))
  t.strictSame(diagnostics, [], 'the site reads without a mistake')
  return compile(site, host, facts, { states, factsOf: () => FACTS })
}

async function catalogOf(
  t: Test,
  files: Files,
  host = 'h1',
  facts = FACTS,
): Promise<Catalog & { text: Text }> {
  const { catalog, blobs, diagnostics } = await compiled(t, files, host, facts)
  t.strictSame(diagnostics, [], 'it compiles without a mistake')
  if (catalog === null) throw new Error('no catalog')
  const text = (id: string) => {
    const hash = catalog.resources.find((one) => one.id === id)?.props.sha256
    return blobs.get(String(hash))?.toString() ?? null
  }
  return { ...catalog, text }
}

type Text = (id: string) => string | null
const ids = (catalog: Catalog) => catalog.resources.map(({ id }) => id)
const find = (catalog: Catalog, id: string) => catalog.resources.find((one) => one.id === id)
const role = (text: string, more: Files = {}): Files => ({ [ROLE]: text, ...more })

t.test('the same site, host and facts give the same bytes', async (t) => {
  const files = role(
    `params: { n: { type: integer, default: 3 } }
resources:
  - file: "/etc/{{ item }}"
    for_each: range(params.n)
    content: "{{ facts.os.codename }} {{ item }}"
  - user: [b, a]
exports: { z: 1, a: "{{ host.name }}" }
`,
    { 'data/common.yaml': 'web: { n: 4 }\n' },
  )
  const dir = writeSite(t.testdir(), files)
  const texts: string[] = []
  for (let run = 0; run < 3; run += 1) {
    const { site } = await readSite(dir)
    const { catalog } = await compile(site, 'h1', FACTS, { states })
    texts.push(JSON.stringify(catalog))
  }
  t.equal(texts[1], texts[0])
  t.equal(texts[2], texts[0])
  t.match(texts[0], /"host":"h1"/)
})

t.test('each resource knows its role, file, line and column', async (t) => {
  const catalog = await catalogOf(t, role('resources:\n  - package: nginx\n  - when: true\n    user: app\n'))
  t.strictSame(find(catalog, 'package:nginx')?.origins, [{ role: 'web', file: ROLE, line: 2, column: 5 }])
  t.strictSame(find(catalog, 'user:app')?.origins, [{ role: 'web', file: ROLE, line: 4, column: 5 }])
})

t.test('a list of names declares several, also as the value of an expression', async (t) => {
  const catalog = await catalogOf(
    t,
    role(
      'params: { p: { type: list, default: [c, d0] } }\nresources:\n  - package: [aa, bb]\n  - user: "{{ params.p }}"\n',
    ),
  )
  t.strictSame(ids(catalog), ['package:aa', 'package:bb', 'user:c', 'user:d0'])
})

t.test('a string that is one expression keeps its type; null is not managed', async (t) => {
  const text = `params: { up: { type: boolean, default: false }, uid: { type: integer } }
resources:
  - service: a.service
    running: "{{ params.up }}"
  - user: app
    uid: "{{ params.uid }}"
    shell: null
`
  const catalog = await catalogOf(t, role(text))
  t.equal(find(catalog, 'service:a.service')?.props.running, false)
  t.match(find(catalog, 'user:app')?.props, { uid: null, shell: null })
})

t.test('what `when` leaves out is listed with its reason, and may be named by others', async (t) => {
  const text = `resources:
  - package: big
    when: facts.memory.total_mb > 4096
  - file: "/etc/{{ facts.gpu.name }}"
    when: facts.gpu is defined
  - service: a.service
    needs: package:big
`
  const catalog = await catalogOf(t, role(text))
  t.strictSame(ids(catalog), ['service:a.service'])
  t.strictSame(find(catalog, 'service:a.service')?.needs, [])
  t.match(catalog.omitted, [
    { id: 'package:big', when: 'facts.memory.total_mb > 4096', origin: { line: 2 } },
    { id: 'file:/etc/{{ facts.gpu.name }}', when: 'facts.gpu is defined' },
  ])
})

t.test('for_each runs over a list, a map and an expression, under the name of `as`', async (t) => {
  const text = `resources:
  - user: "{{ item }}"
    for_each: [a, b]
  - user: "{{ one.key }}"
    for_each: { c: /bin/c, d: /bin/d }
    as: one
    shell: "{{ one.value }}"
  - package: "p{{ item }}"
    for_each: range(2)
`
  const catalog = await catalogOf(t, role(text))
  t.strictSame(ids(catalog), ['user:a', 'user:b', 'user:c', 'user:d', 'package:p0', 'package:p1'])
  t.equal(find(catalog, 'user:d')?.props.shell, '/bin/d')
})

t.test('content, template and source become blobs whose hash the props hold', async (t) => {
  const bytes = Buffer.from([0, 1, 2, 255])
  const catalog = await catalogOf(
    t,
    role(
      `resources:
  - file: /etc/a
    content: "hi {{ host.name }}\\n"
  - file: /etc/b
    template: sub/b.j2
  - file: /etc/c
    source: c.bin
  - file: /etc/d
`,
      {
        'roles/web/templates/sub/b.j2':
          '{% extends "base.j2" %}\n{% block x %}<{{ host.name }}>{% endblock %}\n',
        'roles/web/templates/base.j2': 'top\n{% block x %}{% endblock %}\n\n{% include "inc.j2" %}\n',
        'roles/web/templates/inc.j2': 'end & "so"\n',
        'roles/web/files/c.bin': bytes,
      },
    ),
  )
  t.equal(catalog.text('file:/etc/a'), 'hi h1\n')
  t.equal(catalog.text('file:/etc/b'), 'top\n<h1>\nend & "so"\n')
  t.equal(find(catalog, 'file:/etc/c')?.props.sha256, sha256(bytes))
  t.notOk(find(catalog, 'file:/etc/d')?.props.sha256)
  t.equal(Object.keys(catalog.blobs).length, 3)
  t.equal(catalog.blobs[String(find(catalog, 'file:/etc/c')?.props.sha256)], 4)
})

t.test('templates render as those of Ansible do, and nothing is escaped by its name', async (t) => {
  const template =
    '{% if true %}\n  a\n{% endif %}\n    {% for i in [1, 2] %}\n{{ i }}\n    {% endfor %}\n{{ "<&>" }}\n'
  const files = ['x.conf.j2', 'x.html.j2', 'x.json', 'x.yaml.j2', 'x.js']
  const resources = files.map((name) => `  - file: /etc/${name}\n    template: ${name}\n`).join('')
  const templates = Object.fromEntries(files.map((name) => [`roles/web/templates/${name}`, template]))
  const catalog = await catalogOf(t, role(`resources:\n${resources}`, templates))
  for (const name of files) t.equal(catalog.text(`file:/etc/${name}`), '  a\n1\n2\n<&>\n', name)
})

t.test('a value that is missing is an error, never empty text', async (t) => {
  const uses = [
    'params.nope',
    '"a" ~ params.nope',
    'params.nope | upper',
    'params.nope == 1',
    '[params.nope]',
    'nope',
    'facts.os.nope',
    'nope == 1',
    '"a" ~ nope',
    'nope | upper',
    '1 if nope == 2 else 3',
  ]
  for (const use of uses) {
    const files = role(
      `params: { yes: { type: any } }\nresources:\n  - package: aa\n    version: "{{ ${use.replaceAll('"', "'")} }}"\n`,
    )
    const { diagnostics } = await compiled(t, files)
    t.match(diagnostics[0], { code: 'E_UNDEFINED', file: ROLE, line: 4 }, use)
  }
  const guarded = [
    'params.nope | default("1")',
    '"1" if params.nope is not defined else "2"',
    'data.get | d("1")',
    'nope | default("1")',
    '"1" if nope is not defined',
    '["1"] | sort(reverse=true) | first if true and not false',
  ]
  for (const use of guarded) {
    const catalog = await catalogOf(t, role(`resources:\n  - package: aa\n    version: '{{ ${use} }}'\n`))
    t.equal(find(catalog, 'package:aa')?.props.version, '1', use)
  }
})

t.test('params come from their default, data below the role, and vars', async (t) => {
  const files: Files = {
    'hosts.yaml': `hosts:
  h1: { roles: [web] }
  h2: { roles: [web], groups: [g], vars: { a: 5 } }
  h3: { roles: [web], environment: staging, vars: { web: { a: 6 } } }
`,
    'data/common.yaml': 'web: { b: common }\n',
    'data/group/g.yaml': 'web: { b: group, c: [1] }\n',
    'data/environment/staging.yaml': 'web: { b: staging }\n',
    [ROLE]: `params:
  a: { type: integer, default: 1 }
  b: { type: string, required: true }
  c: { type: list, items: integer, default: [9, 9] }
  d: { type: string, default: "{{ host.name }}-d" }
resources:
  - file: /etc/x
    content: "{{ params.a }} {{ params.b }} {{ params.c | join(',') }} {{ params.d }}"
`,
  }
  const text = async (host: string) => (await catalogOf(t, files, host)).text('file:/etc/x')
  t.equal(await text('h1'), '1 common 9,9 h1-d')
  t.equal(await text('h2'), '5 group 1 h2-d')
  t.equal(await text('h3'), '6 staging 9,9 h3-d')
})

t.test('mistakes in params are told where the value stands', async (t) => {
  const params = `params:
  n: { type: integer, min: 1, max: 9 }
  s: { type: string, pattern: "[a-z]+(?:-[a-z]+)*", max: 8 }
  l: { type: list, items: { type: string, one_of: [a, b] } }
  m: { type: map, values: boolean }
  r: { type: string, required: true }
`
  const data = 'web:\n  n: 10\n  s: A\n  l: [a, c]\n  m: { x: yes }\n  q: 1\n'
  const { diagnostics } = await compiled(t, role(params, { 'data/common.yaml': data }))
  const said = diagnostics.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`)
  t.strictSame(said, [
    'E_VALUE data/common.yaml:2:6',
    'E_VALUE data/common.yaml:3:6',
    'E_VALUE data/common.yaml:4:10',
    'E_TYPE data/common.yaml:5:11',
    'E_UNKNOWN_KEY data/common.yaml:6:3',
    'E_REQUIRED hosts.yaml:2:3',
  ])
})

t.test('a bare name in vars that two roles know is ambiguous', async (t) => {
  const files = {
    'hosts.yaml': 'hosts:\n  h1: { roles: [web, db], vars: { port: 1 } }\n',
    [ROLE]: 'params: { port: { type: integer } }\n',
    'roles/db/role.yaml': 'params: { port: { type: integer } }\n',
  }
  const { diagnostics } = await compiled(t, files)
  t.match(diagnostics, [{ code: 'E_PARAM_AMBIGUOUS', line: 2, message: /web, db/, hint: /web: \{ port/ }])
})

t.test('included roles come first, each once', async (t) => {
  const catalog = await catalogOf(t, {
    [ROLE]: 'includes: [b, c]\nresources:\n  - package: ww\n',
    'roles/b/role.yaml': 'includes: [c]\nresources:\n  - package: bb\n',
    'roles/c/role.yaml': 'resources:\n  - package: cc\n',
  })
  t.strictSame(ids(catalog), ['package:cc', 'package:bb', 'package:ww'])
})

t.test('one resource of two roles merges: sets unite, props complete each other', async (t) => {
  const catalog = await catalogOf(t, {
    [ROLE]:
      'includes: [b]\nresources:\n  - user: app\n    groups: [adm, www]\n    shell: /bin/sh\n    tags: [t2]\n',
    'roles/b/role.yaml':
      'resources:\n  - user: app\n    groups: [www, tty]\n    system: true\n    tags: [t1]\n  - package: x1\n',
  })
  t.match(find(catalog, 'user:app')?.props, { groups: ['www', 'tty', 'adm'], shell: '/bin/sh', system: true })
  t.strictSame(find(catalog, 'user:app')?.tags, ['t1', 't2'])
  t.strictSame(
    find(catalog, 'user:app')?.origins.map((origin) => origin.role),
    ['b', 'web'],
  )
})

t.test('needs are declared and implied; the order follows them and is stable', async (t) => {
  const text = `resources:
  - package: late
    needs: [service:a.service]
  - file: /etc/app/x
    owner: app
  - directory: /etc/app
  - user: app
  - service: a.service
`
  const catalog = await catalogOf(t, role(text))
  t.strictSame(ids(catalog), [
    'service:a.service',
    'package:late',
    'directory:/etc/app',
    'user:app',
    'file:/etc/app/x',
  ])
  t.strictSame(find(catalog, 'file:/etc/app/x')?.needs, ['directory:/etc/app', 'user:app'])
})

t.test('restart_on and restarts say the same from either end', async (t) => {
  const text = `resources:
  - service: a.service
    restart_on: [file:/etc/a]
    reload_on: file:/etc/b
  - file: /etc/a
  - file: /etc/b
    restarts: service:a.service
  - file: /etc/c
    reloads: [service:a.service]
`
  const catalog = await catalogOf(t, role(text))
  t.strictSame(find(catalog, 'service:a.service')?.reactions, [
    { reaction: 'restart', on: 'file:/etc/a' },
    { reaction: 'reload', on: 'file:/etc/b' },
    { reaction: 'restart', on: 'file:/etc/b' },
    { reaction: 'reload', on: 'file:/etc/c' },
  ])
  t.equal(ids(catalog).at(-1), 'service:a.service')
})

t.test('a state completes its props from the whole catalog', async (t) => {
  const catalog = await catalogOf(
    t,
    role('resources:\n  - directory: /etc/d\n    purge: true\n  - file: /etc/d/x\n  - file: /etc/e\n'),
  )
  t.strictSame(find(catalog, 'directory:/etc/d')?.props.keep, ['/etc/d/x'])
})

t.test('meta keys reach the catalog', async (t) => {
  const text = 'resources:\n  - package: aa\n    timeout: 5m\n    on_remove: keep\n    tags: [slow]\n'
  const catalog = await catalogOf(t, role(text))
  t.match(find(catalog, 'package:aa'), { timeoutMs: 300_000, onRemove: 'keep', tags: ['slow'] })
})

t.test('hosts see each other with what they export', async (t) => {
  const files: Files = {
    'hosts.yaml': 'hosts:\n  "web[1-2]": { roles: [app] }\n  lb: { roles: [web], address: 192.0.2.9 }\n',
    'roles/app/role.yaml': 'exports: { url: "http://{{ host.name }}/" }\n',
    [ROLE]: 'resources:\n  - file: /etc/lb\n    template: lb.j2\n',
    'roles/web/templates/lb.j2':
      "{% for h in hosts if 'app' in h.roles %}\n{{ h.exports.url }}\n{% endfor %}\n{{ host.address }}\n",
  }
  const catalog = await catalogOf(t, files, 'lb')
  t.equal(catalog.text('file:/etc/lb'), 'http://web1/\nhttp://web2/\n192.0.2.9\n')
  t.strictSame((await catalogOf(t, files, 'web2')).exports, { url: 'http://web2/' })
})

t.test('checks are data, with their defaults', async (t) => {
  const text =
    'checks:\n  - http: "http://{{ host.name }}/"\n  - tcp: localhost:80\n    timeout: 2s\n  - command: [true]\n'.replace(
      '[true]',
      '["true"]',
    )
  const catalog = await catalogOf(t, role(text))
  t.match(catalog.checks, [
    { http: 'http://h1/', status: 200, timeoutMs: 10_000, role: 'web' },
    { tcp: 'localhost:80', timeoutMs: 2000 },
    { command: ['true'] },
  ])
})

t.test('a role of the site wins over a shipped one of its name', async (t) => {
  const dir = writeSite(t.testdir(), {
    'site/drover.yaml': 'name: test\n',
    'site/hosts.yaml': 'hosts: { h1: { roles: [web, ntp] } }\n',
    'site/roles/web/role.yaml': 'resources: [{ package: own }]\n',
    'shipped/web/role.yaml': 'resources: [{ package: theirs }]\n',
    'shipped/ntp/role.yaml': 'resources: [{ package: chrony }]\n',
  })
  const { site } = await readSite(`${dir}/site`, { shippedRoles: `${dir}/shipped` })
  const { catalog } = await compile(site, 'h1', FACTS, { states })
  t.strictSame(
    catalog?.resources.map(({ id }) => id),
    ['package:own', 'package:chrony'],
  )
  t.equal(catalog?.resources[1]?.origins[0]?.file, '<drover>/roles/ntp/role.yaml')
})

t.test('roles assigned on the master count as those of the site do', async (t) => {
  const { site } = await readSite(
    writeSite(t.testdir(), role('{}\n', { 'roles/x/role.yaml': 'resources: [{ package: xx }]\n' })),
  )
  const { catalog } = await compile(site, 'h1', FACTS, { states, assigned: new Map([['h1', ['x']]]) })
  t.strictSame(
    catalog?.resources.map(({ id }) => id),
    ['package:xx'],
  )
})

t.test('explain says which layer each value came from', async (t) => {
  const { site } = await readSite(
    writeSite(
      t.testdir(),
      role('{}\n', {
        'hosts.yaml': 'hosts:\n  h1: { groups: [g], vars: { app: { c: 3 } } }\n',
        'data/common.yaml': 'app:\n  a: 1\n  b: 1\n',
        'data/group/g.yaml': 'app: { b: 2 }\n',
      }),
    ),
  )
  const explained = explain(site, 'h1', 'data.app')
  t.match(explained?.layers, [
    { layer: 'common', value: { a: 1, b: 1 }, place: { file: 'data/common.yaml', line: 2 } },
    { layer: 'group/g', value: { b: 2 } },
    { layer: 'vars', value: { c: 3 }, place: { file: 'hosts.yaml', line: 2 } },
  ])
  t.strictSame(explained?.value, { a: 1, b: 2, c: 3 })
  t.match(explained?.leaves, [
    { path: 'app.a', place: { file: 'data/common.yaml', line: 2 } },
    { path: 'app.b', place: { file: 'data/group/g.yaml', line: 1 } },
    { path: 'app.c', place: { file: 'hosts.yaml', line: 2 } },
  ])
  t.equal(explain(site, 'h1', 'data.nope')?.value, undefined)
  t.equal(explain(site, 'h9', 'data.app'), null)
})

t.test('a host that is not declared is named with the nearest', async (t) => {
  const { diagnostics } = await compiled(t, role('{}\n'), 'h2')
  t.match(diagnostics, [{ code: 'E_UNKNOWN_HOST', hint: /"h1"/ }])
})

t.test('a role may write its braces and names as YAML escapes', async (t) => {
  const braces = await catalogOf(t, role('resources:\n  - file: /a\n    content: "\\x7b{ host.name }}"\n'))
  t.equal(braces.text('file:/a'), 'h1')
  const name = await catalogOf(t, role('resources:\n  - file: /a\n    content: "{{ ho\\x73ts|length }}"\n'))
  t.equal(name.text('file:/a'), '1')
})

t.test('a key of data may begin with the word data', async (t) => {
  const { site } = await readSite(
    writeSite(t.testdir(), role('{}\n', { 'data/common.yaml': 'database: { port: 5432 }\n' })),
  )
  t.equal(explain(site, 'h1', 'database.port')?.value, 5432)
  t.equal(explain(site, 'h1', 'data.database.port')?.value, 5432)
  t.strictSame(explain(site, 'h1', 'data')?.value, { database: { port: 5432 } })
})

t.test(
  'an export that reads exports is a circle, named where it stands and told where it is missed',
  async (t) => {
    const hosts = 'hosts: { h1: { roles: [web] }, h2: { roles: [other] } }\n'
    const circles = [
      'exports:\n  a: 1\n  b: "{{ hosts[0].exports.a }}"\n',
      'exports:\n  a: 1\n  b: "{{ hosts[0].exports.a | default(2) }}"\n',
      'exports:\n  a: 1\n  b: "{{ hosts | map(attribute=\'exports\') | list }}"\n',
      'params: { p: { type: any, default: "{{ hosts[1].exports.a }}" } }\nexports:\n  b: "{{ params.p }}"\n  a: 1\n',
    ]
    for (const other of circles) {
      const files = {
        'hosts.yaml': hosts,
        'roles/other/role.yaml': other,
        [ROLE]: 'resources:\n  - file: /a\n    content: "{{ hosts[1].exports.b }}"\n',
      }
      const itself = await compiled(t, files, 'h2')
      t.match(itself.diagnostics, [{ code: 'E_EXPORT_CYCLE', file: 'roles/other/role.yaml', line: 3 }])
      const { diagnostics } = await compiled(t, files)
      t.strictSame(
        diagnostics.map(({ code }) => code),
        ['E_EXPORT_CYCLE', 'E_UNDEFINED'],
      )
    }
  },
)

t.test('a default has the type of its param as well, also when it is computed', async (t) => {
  const of = async (param: string) => {
    const { diagnostics } = await compiled(t, role(`params:\n  n: ${param}\nresources: []\n`))
    return diagnostics.map(({ code, line, message }) => `${line} ${code} ${message}`)
  }
  const wrong = '2 E_TYPE the default of param n must be a whole number, got the string'
  t.strictSame(await of('{ type: integer, default: abc }'), [`${wrong} "abc"`])
  t.strictSame(await of('{ type: integer, default: "{{ host.name }}" }'), [`${wrong} "h1"`])
  t.match(await of('{ type: list, items: integer, default: ["{{ host.name }}"] }'), [
    /2 E_TYPE an item of the default/,
  ])
  t.match(await of('{ type: integer, default: "{{ 70 }}", max: 64 }'), [/2 E_VALUE .* at most 64/])
  t.strictSame(await of('{ type: list, items: integer, default: ["{{ 1 + 1 }}"] }'), [])
  t.strictSame(await of('{ type: integer, default: "{{ none }}" }'), [])
})

t.test('what is left out has an end too', async (t) => {
  const files = role('resources:\n  - package: "p{{ item }}x"\n    for_each: range(7)\n    when: false\n', {
    'drover.yaml': 'name: test\nlimits: { resources_per_host: 5 }\n',
  })
  const { diagnostics, catalog } = await compiled(t, files)
  t.match(diagnostics, [{ code: 'E_LIMIT', line: 2 }])
  t.equal(catalog, null)
})

t.test('a mistake in a param hides none in a param whose name begins alike', async (t) => {
  const { diagnostics } = await compiled(
    t,
    role(
      'params:\n  n: { type: integer, required: true }\nresources:\n  - file: /a\n    content: "{{ params.nn }}"\n',
    ),
  )
  t.strictSame(
    diagnostics.map(({ code }) => code),
    ['E_REQUIRED', 'E_UNDEFINED'],
  )
})

t.test('a check of a kind that every object has is none', async (t) => {
  const { diagnostics } = await compiled(t, role('checks:\n  - constructor: x\n'))
  t.match(diagnostics, [{ code: 'E_UNKNOWN_KIND', line: 2, column: 5 }])
})

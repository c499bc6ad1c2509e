import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import type { Outcome } from '../../lib/outcome.ts'
import { openWorld } from '../helpers/master-world.ts'
import { changed, planned } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'
import { openHost } from '../helpers/told-host.ts'

const HOUR_MS = 3_600_000

t.test('what a host had applied at a time, and what differed then and since', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const ago = (hours: number) => Date.now() - hours * HOUR_MS

  const first = await host.nextCatalog()
  const made = await host.tell(first, { at: ago(10), kind: 'APPLY', outcomes: [changed('file:/etc/motd')] })
  await host.tell(first, { at: ago(8), kind: 'CHECK', outcomes: [planned('file:/etc/motd')] })
  await host.tell(first, { at: ago(6), kind: 'APPLY', outcomes: [changed('file:/etc/motd')] })
  writeFileSync(join(dirname(world.settings.state), 'site/roles/a/files/motd'), 'another\n')
  const second = await host.nextCatalog()
  await host.tell(second, { at: ago(2), kind: 'APPLY' })

  t.match(
    (await drover('history', 'a', '--at', '11h')).out,
    /no apply until then is known\n\nnothing differed/,
  )
  const then = await drover('history', 'a', '--at', '7h')
  t.match(then.out, new RegExp(`catalog +${first}\n +run +${made}\n`))
  t.match(
    then.out,
    /\nDiffered\n {2}~ file:\/etc\/motd +8 h ago, in order again 6 h ago {2}a {2}roles\/a\/role/,
  )
  t.match(
    (await drover('history', 'a', '--at', '1h')).out,
    new RegExp(`catalog +${second}\n[\\s\\S]*nothing differed`),
  )
  t.match(await drover('history', 'nobody', '--at', '1h'), { code: 1, err: /nobody: there is no such host/ })

  t.match(await drover('drift', '--since', '9h'), {
    code: 0,
    out: /1 difference of 1 host began since then, none/,
  })
  t.match(await drover('drift', '--since', '7h'), {
    code: 0,
    out: 'nothing has begun to differ since then\n',
  })
  await host.tell(second, { at: ago(1), kind: 'CHECK', outcomes: [planned('file:/etc/motd')] })
  t.match(await drover('drift', '--since', '7h'), { code: 2, out: /1 difference .*, 1 there still\n$/ })
  t.match(await drover('drift', 'a', '--since', '9h', '-o', 'name'), {
    code: 2,
    out: 'a file:/etc/motd\na file:/etc/motd\n',
  })
})

t.test('what the catalogs of a host declare differently at two times, and those of two hosts', async (t) => {
  const world = await openWorld(t)
  const [a, b] = [await openHost(world, 'a'), await openHost(world, 'b')]
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const ago = (hours: number) => Date.now() - hours * HOUR_MS
  const role = (name: string, rest: string) =>
    writeFileSync(
      join(dirname(world.settings.state), `site/roles/${name}/role.yaml`),
      `description: Of ${name}.\nresources:\n${rest}`,
    )

  await a.tell(await a.nextCatalog(), { at: ago(10), kind: 'APPLY' })
  await b.tell(await b.nextCatalog(), { at: ago(10), kind: 'APPLY' })
  role('a', '  - file: /etc/motd\n    content: "hello\\n"\n    mode: "0600"\n  - user: app\n')
  await a.tell(await a.nextCatalog(), { at: ago(5), kind: 'APPLY' })
  const both = await drover('diff', 'a@9h', 'a@1h', '--diff', 'full')
  t.equal(both.code, 2)
  t.match(both.out, /^~ file:\/etc\/motd .*a {2}roles\/a\/role\.yaml:3\n(.*\n)* {4}content \+1 -50$/m)
  t.match(both.out, / -> 0600$/m)
  t.match(both.out, /^ +-only a may read this$/m)
  t.match(both.out, /^ +\+hello$/m)
  t.match(both.out, /^\+ user:app .*a {2}roles\/a\/role\.yaml:6$/m)
  t.match(both.out, /^Diff: 1 added, 1 changed$/m)
  const back = await drover('diff', 'a', 'a@9h', '-o', 'name')
  t.match(back, { code: 2, out: 'file:/etc/motd\nuser:app\n' })
  t.match(await drover('diff', 'a@4h', 'a'), { code: 0, out: /both declare the same/ })
  role(
    'a',
    '\n  # Further below.\n  - file: /etc/motd\n    content: "hello\\n"\n    mode: "0600"\n  - user: app\n',
  )
  await a.tell(await a.nextCatalog(), { at: ago(2), kind: 'APPLY' })
  t.match(
    await drover('diff', 'a@3h', 'a'),
    { code: 0, out: /both declare the same/ },
    'where it stands is nothing',
  )
  t.match((await drover('diff', 'b', 'a')).out, /^--- b .*\n\+\+\+ a .*\n[\s\S]* -only b may read this/)

  t.match(await drover('diff', 'a@11h', 'a'), {
    code: 1,
    err: /a: no apply of this host is known until then\nhint: see "drover runs a"/,
  })
  t.match(await drover('diff', 'a', 'c'), { code: 1, err: /c: there is no such host/ })
})

t.test('a diff with a catalog that is kept no more says so, and its run is known still', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const catalog = await host.nextCatalog()
  await host.tell(catalog, { at: Date.now() - HOUR_MS, kind: 'APPLY' })
  writeFileSync(join(dirname(world.settings.state), 'site/roles/a/files/motd'), 'another\n')
  await host.tell(await host.nextCatalog(), { at: Date.now() - 1000, kind: 'APPLY' })
  const db = new Database(join(world.settings.state, 'master.db'))
  t.equal(db.prepare('delete from bodies where sha256 = ?').run(catalog).changes, 1)
  db.close()
  t.match(await drover('diff', 'a@30m', 'a'), {
    code: 1,
    err: /a: the catalog that it had then is kept no more\nhint: .*"bodies_days"/,
  })
  t.match((await drover('history', 'a', '--at', '30m')).out, new RegExp(`catalog +${catalog}`))
})

const BLAMED = {
  'drover.yaml': 'name: test\n',
  'hosts.yaml': 'hosts:\n  a: { roles: [web], vars: { port: 80 } }\n',
  'data/common.yaml': 'ntp:\n  servers: [one, two]\nother: 1\n',
  'roles/web/role.yaml': [
    'description: A page.',
    'params:',
    '  port: { type: integer }',
    '  greeting: { type: string, default: hello }',
    'resources:',
    '  - directory: /etc/web',
    '  - file: /etc/web/conf',
    '    template: conf.j2',
    '  - file: /etc/web/logo',
    '    source: logo',
    '  - user: web',
    '',
  ].join('\n'),
  'roles/web/templates/conf.j2': [
    '{# a comment',
    'of two lines #}',
    'listen {{ params.port }};',
    '{% for one in data.ntp.servers %}',
    'server {{ one }};',
    '{% endfor %}',
    'end;',
    'end;',
    "{% include 'end.j2' %}",
    '',
  ].join('\n'),
  'roles/web/templates/end.j2': 'say {{ params.greeting }} {{ facts.os.id }}\n',
  'roles/web/files/logo': 'one\ntwo\n',
}

t.test('who manages a file: the role, what it is made of, and the run that changed it last', async (t) => {
  const world = await openWorld(t, { hosts: ['a'], site: BLAMED })
  const host = await openHost(world, 'a')
  const drover = (...words: string[]) => runCli([...words, '--socket', world.settings.socket])
  const catalog = await host.nextCatalog()
  const conf = await drover('blame', 'a', '/etc/web/conf')
  t.equal(
    conf.out,
    [
      'file:/etc/web/conf',
      '  declared  web  roles/web/role.yaml:7',
      '  from      roles/web/templates/conf.j2',
      '  reads     params.greeting  roles/web/role.yaml:4',
      '            params.port  hosts.yaml:2',
      '            data.ntp.servers  data/common.yaml:2',
      '            facts.os.id',
      '  changed   by no run that is known',
      '',
    ].join('\n'),
  )
  const at = Date.now() - HOUR_MS
  await host.tell(catalog, { at: at - HOUR_MS, kind: 'APPLY', outcomes: [changed('file:/etc/web/conf')] })
  const last = await host.tell(catalog, { at, kind: 'APPLY', outcomes: [changed('file:/etc/web/conf')] })
  await host.tell(catalog, { at: at + 1, kind: 'APPLY', outcomes: [changed('user:web')] })
  const lineOf = async (line: number) => {
    const { out } = await drover('blame', 'a', `/etc/web/conf:${line}`, '--json')
    return JSON.parse(out).resources[0].sources[0].line
  }
  const { out: text } = await drover('blame', 'a', '/etc/web/conf:2')
  t.match(text, new RegExp(`changed +${new Date(at).toISOString()}, 1 h ago: mode\\n +run +${last}\\n`))
  t.same(
    await Promise.all([1, 2, 3, 4, 5, 6].map(lineOf)),
    [3, 5, 5, null, null, null],
    'what a loop made is known by its text; what two lines can have made is not, nor what is included',
  )
  t.match((await drover('blame', 'a', '/etc/web/logo:2')).out, /from +roles\/web\/files\/logo:2\n/)
  const shared = JSON.parse((await drover('blame', 'a', '/etc/passwd', '--json')).out)
  t.match(shared.resources, [
    { id: 'user:web', sources: [{ file: null, reads: [] }], lastChange: { at: /Z$/ } },
  ])

  const wrong = [
    [['nobody', '/x'], 1, /nobody: there is no such host/],
    [['a', 'etc/motd'], 64, /"etc\/motd" is no absolute path\nhint: such as/],
    [['a', '/etc/web/conf:0'], 64, /lines count from 1/],
    [['a', '/etc/../x'], 1, /\/etc\/\.\.\/x: a path is absolute/],
    [['a', '/etc/web/other'], 1, /no resource of a manages it\nhint: directory:\/etc\/web is above it/],
    [['a', '/etc/wep'], 1, /no resource of a manages it\nhint: .*\/etc\/web/],
    [['a', '/etc/web/logo:3'], 1, /there is no line 3: it is to hold 2/],
    [['a', '/etc/web:1'], 1, /no resource declares all that it holds/],
  ] as const
  for (const [words, code, err] of wrong)
    t.match(await drover('blame', ...words), { code, err }, words.join(' '))
})

t.test('what a host has in place of a file of the site is a patch to it', async (t) => {
  const world = await openWorld(t)
  const host = await openHost(world, 'a')
  const changes = [{ field: 'sha256', from: 'a'.repeat(64), to: 'b'.repeat(64) }]
  const previews = [
    { path: '/etc/motd', diff: '@@ -1,1 +1,1 @@\n-live\n+declared', note: null, added: 1, removed: 1 },
  ]
  const outcomes = [planned('file:/etc/motd', { changes, previews } as Partial<Outcome>)]
  await host.tell(await host.nextCatalog(), { at: Date.now(), kind: 'CHECK', outcomes })
  const { code, out, err } = await runCli([
    ...['drift', 'a', 'file:/etc/motd', '--patch', '--socket', world.settings.socket],
  ])
  t.equal(code, 2)
  const file = 'roles/a/files/motd'
  const head = [`diff --git a/${file} b/${file}`, `--- a/${file}`, `+++ b/${file}`]
  t.equal(out, [...head, '@@ -1,1 +1,1 @@', '-declared', '+live', ''].join('\n'))
  t.equal(err, '')
  const none = await runCli(['drift', 'a', 'file:/etc/other', '--patch', '--socket', world.settings.socket])
  t.match(none, { code: 0, out: '' })
})

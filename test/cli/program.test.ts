import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import t from 'tap'
import { buildProgram } from '../../cli/program.ts'
import { suggest } from '../../cli/suggest.ts'
import { runCli } from '../helpers/run-cli.ts'

const nowhere = { write: () => true }
const program = buildProgram({ stdout: nowhere, stderr: nowhere, stdin: process.stdin, env: {} }, { code: 0 })

function verbsOf(command: Command, words: readonly string[] = []): (readonly string[])[] {
  const verbs = command.commands.map((one): [Command, string[]] => [one, [...words, one.name()]])
  return verbs.flatMap(([one, path]) => [path, ...verbsOf(one, path)])
}

for (const words of verbsOf(program)) {
  t.test(`drover ${words.join(' ')} --help`, async (t) => {
    const { code, out, err } = await runCli([...words, '--help'])
    t.equal(code, 0)
    t.equal(err, '')
    t.match(out, `Usage: drover ${words.join(' ')}`)
    t.match(out, `Examples:\n  drover ${words[0]}`)
  })
}

const usages = [
  { words: [], err: /^Usage: drover .*error: name a verb\n$/s },
  { words: ['local'], err: /Usage: drover local .*error: name a verb\n$/s },
  { words: ['lnit'], err: /^error: unknown command 'lnit'\nhint: .*lint/ },
  { words: ['local', 'plam'], err: /^error: unknown command 'plam'\nhint: .*plan/ },
  { words: ['local', 'plan', '--hots', 'x'], err: /^error: unknown option '--hots'\nhint: .*--host/ },
  { words: ['local', 'plan', '-o', 'xml'], err: /^error: .*'xml' is invalid.*json/ },
  { words: ['local', 'plan', 'a', 'b'], err: /^error: too many arguments/ },
  { words: ['compile'], err: /^error: missing required argument 'host'/ },
  { words: ['completion', 'tcsh'], err: /^error: .*'tcsh' is invalid.*bash/ },
]
for (const { words, err } of usages) {
  t.test(`drover ${words.join(' ')} exits 64 and says why`, async (t) => {
    const said = await runCli(words)
    t.equal(said.code, 64)
    t.equal(said.out, '')
    t.match(said.err, err)
  })
}

t.test(
  'what was not foreseen is an internal error with an id, and a stack only when asked for',
  async (t) => {
    const quiet = await runCli(['version'], { broken: true })
    t.equal(quiet.code, 1)
    t.match(quiet.err, /^error: internal error [0-9a-f]{8}: nobody foresaw this\nhint: .*--debug.*\n$/)
    const debug = await runCli(['version', '--debug'], { broken: true })
    t.match(debug.err, /^error: internal error [0-9a-f]{8}: nobody foresaw this\nTypeError.*\n +at /)
  },
)

t.test('version', async (t) => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.match(await runCli(['--version']), { code: 0, out: `${version}\n` })
  t.match(await runCli(['version']), { code: 0, out: `drover ${version}, node ${process.version}\n` })
  t.match(JSON.parse((await runCli(['version', '--json'])).out), { version: '1.0', drover: version })
})

t.test('init makes a site that lints, compiles and explains itself', async (t) => {
  const dir = join(t.testdir(), 'new')
  const made = await runCli(['init', dir, '--host', 'web1'])
  t.equal(made.code, 0)
  t.match(made.out, 'hosts.yaml\n')
  t.match(made.err, `drover lint ${dir}`)
  t.match(await runCli(['lint', dir, '--strict']), { code: 0, out: /no errors, no warnings/ })
  t.match(await runCli(['init', dir]), { code: 1, err: /not empty/ })

  const people = await runCli(['compile', 'web1', '--site', dir])
  t.match(people, {
    code: 0,
    out: /^web1: 3 resources, site new, .*\n\ndirectory:\/srv\/hello .*role\.yaml:\d+\n/,
  })
  t.match(people.out, 'needs directory:/srv/hello')
  const { out } = await runCli(['compile', 'web1', '--site', dir, '--json'])
  t.equal(out, JSON.stringify(JSON.parse(out)), 'the bytes that are hashed, and no others')
  t.match(JSON.parse(out), { format: 1, host: 'web1' })
  t.match(await runCli(['compile', 'web1', '--site', dir, '-o', 'name']), {
    out: /^directory:\/srv\/hello\n/,
  })
  t.match(await runCli(['compile', 'wbe1', '--site', dir]), { code: 1, err: /did you mean "web1"/ })

  const value = await runCli(['explain', 'web1', 'data.hello.greeting', '--site', dir])
  t.match(value, { code: 0, out: /^data\.hello\.greeting = \S+ {2}data\/common\.yaml:\d+\n/ })
  t.match(await runCli(['explain', 'web1', 'data.nothing', '--site', dir]), { code: 1, err: /no layer/ })
  const resource = await runCli(['explain', 'web1', 'directory:/srv/hello', '--site', dir])
  t.match(resource, { code: 0, out: /needed by file:\/srv\/hello/ })
  t.match(await runCli(['explain', 'web1', 'directory:/srv/helo', '--site', dir]), {
    code: 1,
    err: /did you mean "directory:\/srv\/hello"/,
  })
})

t.test('compile takes the facts of another host from a file', async (t) => {
  const dir = t.testdir({
    'drover.yaml': 'name: x\n',
    'hosts.yaml': 'hosts:\n  a: { roles: [r] }\n',
    'facts.json': '{"os":{"codename":"trixie"}}',
    'bad.json': '[]',
    roles: { r: { 'role.yaml': 'resources:\n  - file: "/etc/{{ facts.os.codename }}"\n' } },
  })
  const run = (facts: string) =>
    runCli(['compile', 'a', '--site', dir, '-o', 'name', '--facts', join(dir, facts)])
  t.match(await run('facts.json'), { code: 0, out: 'file:/etc/trixie\n' })
  t.match(await run('bad.json'), { code: 1, err: /local facts/ })
  t.match(await run('none.json'), { code: 1, err: /local facts/ })
})

t.test('another host with the facts of this machine is shown with a warning', async (t) => {
  const site = (host: string) =>
    t.testdir({
      'drover.yaml': 'name: x\n',
      'hosts.yaml': `hosts:\n  ${host}: { roles: [r] }\n`,
      'facts.json': '{}',
      roles: { r: { 'role.yaml': 'resources:\n  - file: /a\n' } },
    })
  const warning = /^warning: other is not this machine, whose facts are used.*\nhint: .*--facts\n$/
  const dir = site('other')
  for (const words of [
    ['compile', 'other'],
    ['explain', 'other', 'file:/a'],
  ]) {
    t.match(await runCli([...words, '--site', dir]), { code: 0, err: warning })
    const facts = ['--facts', join(dir, 'facts.json')]
    t.match(await runCli([...words, '--site', dir, ...facts]), { code: 0, err: /^$/ })
  }
  const own = site(hostname())
  t.match(await runCli(['compile', hostname(), '--site', own]), { code: 0, err: /^$/ })
})

t.test('init refuses names that no site takes, and makes a site of odd ones', async (t) => {
  const dir = t.testdir({ file: '' })
  const init = (...words: string[]) => runCli(['init', join(dir, 'x'), ...words])
  t.match(await init('--host', 'Bad Host!'), { code: 1, err: /no name for a host/ })
  t.match(await init('--name', 'a b'), { code: 1, err: /no name for a site/ })
  t.match(await runCli(['init', join(dir, 'file', 'x')]), {
    code: 1,
    err: /the site can't be written/,
  })
  for (const name of ['null', 'true', '0x1f', '1', 'x'.repeat(100)]) {
    t.match(await runCli(['init', join(dir, name), '--host', name.slice(0, 60)]), { code: 0 })
    t.match(await runCli(['lint', join(dir, name), '--strict']), { code: 0 }, name)
  }
})

t.test('a mistake never shows what stands outside of the site, nor a secret', async (t) => {
  const token = `ghp_${'x1'.repeat(18)}`
  const dir = t.testdir({
    outside: "of nobody else's business\n",
    site: {
      'drover.yaml': 'name: x\n',
      'hosts.yaml': 'hosts:\n  a: { roles: [r] }\n',
      '.git': { config: 'url = https://user:word@example.org\n' },
      roles: {
        r: {
          'role.yaml': `resources:\n  - file: /a\n    content: ${token}\n`,
          files: {
            out: t.fixture('symlink', '../../../../outside'),
            git: t.fixture('symlink', '../../../.git/config'),
          },
        },
      },
    },
  })
  const { out } = await runCli(['lint', join(dir, 'site')])
  t.match(out, /files\/out:1:1 error: .*E_PATH_ESCAPE/)
  t.match(out, /files\/git:1:1 error: .*E_PATH_ESCAPE/)
  t.match(out, /E_PLAINTEXT_SECRET/)
  t.notMatch(out, /business|user:word/)
  t.notMatch(out, token)
})

t.test('lint exits 1 for errors, and 2 for warnings only when it is strict', async (t) => {
  const dir = t.testdir({
    'drover.yaml': 'name: x\nassignments: site-only\n',
    'hosts.yaml': 'hosts:\n  a: { roles: [] }\n',
    roles: { idle: { 'role.yaml': 'resources:\n  - file: /etc/x\n' } },
  })
  const loose = await runCli(['lint', dir])
  t.equal(loose.code, 0)
  t.match(loose.out, /^roles\/idle\/role\.yaml\n {2}roles\/idle\/role\.yaml:1:1 warning: .*E_UNUSED_ROLE\n/)
  t.match(loose.out, `${dir}: 1 warning\n`)
  t.equal((await runCli(['lint', dir, '--strict'])).code, 2)
  const json = JSON.parse((await runCli(['lint', dir, '--json'])).out)
  t.match(json, {
    version: '1.0',
    summary: { errors: 0, warnings: 1 },
    diagnostics: [{ code: 'E_UNUSED_ROLE', line: 1 }],
  })

  writeFileSync(join(dir, 'hosts.yaml'), 'hosts:\n  a: { rolls: [] }\n')
  const wrong = await runCli(['lint', dir, '--strict'])
  t.equal(wrong.code, 1)
  t.match(wrong.out, /hosts\.yaml:2:8 error: .*\n {5}2 \| {3}a: \{ rolls: \[\] \}\n {7}\| {8}\^\n/)
  t.match(wrong.out, 'allowed: ')
})

t.test('facts are data that compile takes', async (t) => {
  const { code, out } = await runCli(['local', 'facts'])
  t.equal(code, 0)
  t.match(JSON.parse(out), { hostname: String, os: { codename: String }, memory: { total_mb: Number } })
})

const hosts = new Map([
  ['web1', 'base'],
  ['db1', ''],
])
const completions: { typed: string[]; kind?: string; words: string[] }[] = [
  { typed: ['l'], words: ['lint', 'local'] },
  {
    typed: ['local', ''],
    words: [
      'plan',
      'rehearse',
      'apply',
      'owned',
      'release-claim',
      'quarantined',
      'bring-back',
      'watched',
      'facts',
      'help',
    ],
  },
  { typed: ['local', 'plan', '--d'], words: ['--debug', '--diff'] },
  { typed: ['local', 'plan', '--host', ''], words: ['web1', 'db1'] },
  { typed: ['local', 'plan', '--host', '=', 'w'], words: ['web1'] },
  { typed: ['local', 'plan', '--host', '='], words: ['web1', 'db1'] },
  { typed: ['local', 'plan', '--host', 'web1', ''], kind: 'folders', words: [] },
  { typed: ['local', 'plan', '-o', 'j'], words: ['json', 'jsonl'] },
  { typed: ['local', 'plan', '--state', ''], kind: 'folders', words: [] },
  { typed: ['local', 'apply', '--plan', ''], kind: 'files', words: [] },
  { typed: ['local', 'apply', '--yes', ''], kind: 'folders', words: [] },
  { typed: ['compile', 'd'], words: ['db1'] },
  { typed: ['explain', 'db1', ''], words: [] },
  { typed: ['completion', ''], words: ['bash', 'zsh', 'fish'] },
]
for (const { typed, kind = 'words', words } of completions) {
  t.test(`completes "drover ${typed.join(' ')}"`, async (t) => {
    const found = suggest(program, typed, { hosts, roles: new Map([['web', '']]) })
    t.same(
      found.words.map(({ word }) => word),
      words,
    )
    t.equal(found.kind, kind)
  })
}

t.test('complete reads hosts from the site that the words name', async (t) => {
  const dir = t.testdir({ 'drover.yaml': 'name: x\n', 'hosts.yaml': 'hosts:\n  "web[1-2]": { roles: [] }\n' })
  const { code, out } = await runCli(['complete', '--', 'local', 'plan', dir, '--host', ''])
  t.equal(code, 0)
  t.equal(out, 'words\nweb1\t\nweb2\t\n')
})

t.test('every verb has a file of its own', async (t) => {
  const files = readdirSync('cli/commands').map((name) => name.replace('.ts', ''))
  t.same(files.sort(), program.commands.map((one) => one.name()).sort())
})

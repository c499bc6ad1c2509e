import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { cliPage } from '../../scripts/cli-page.ts'
import { waitFor } from '../bed/wait.ts'

const BUNDLE = 'dist/bundle/drover.js'
if (!existsSync(BUNDLE)) spawnSync(process.execPath, ['dist/scripts/bundle.js'])

const TIMEOUT_MS = 60_000
// What a start may take from the disk; all of it is ten times as much.
const MAX_START_BYTES = 130_000

/** The whole program as a process of its own. */
function run(words: readonly string[], env: Record<string, string> = {}) {
  // tap would load its own hooks into it, which take the coverage for themselves.
  const argv = ['--unset=NODE_OPTIONS', process.execPath, BUNDLE, ...words]
  const { status, stdout, stderr } = spawnSync('env', argv, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { PATH: process.env.PATH, ...env },
  })
  return { code: status, out: stdout, err: stderr }
}

t.test('is a program: it runs by itself and through a link', async (t) => {
  const link = join(t.testdir(), 'drover')
  symlinkSync(join(process.cwd(), BUNDLE), link)
  for (const program of [BUNDLE, link]) {
    const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
    t.equal(status, 0)
    t.match(stdout, /^\d+\.\d+\.\d+\n$/)
  }
})

t.test('what is loaded late is there: secrets are set, and values printed as YAML', (t) => {
  const recipient = 'age1tddpsk7aad5vwsm4rh4jqus6qmr2qc6sl023m9su6spuxwwueyjq8alx37'
  const dir = t.testdir({ value: 'x', secrets: { 'recipients.txt': `${recipient}\n` } })
  writeFileSync(join(dir, 'drover.yaml'), 'name: x\n')
  writeFileSync(join(dir, 'hosts.yaml'), 'hosts:\n  a: {}\n')
  const set = run(['secret', 'set', 'a/b', '--site', dir, '--file', join(dir, 'value')])
  t.match(set, { code: 0, err: /^a\/b set in secrets\/a\.yaml/ })
  t.match(run(['secret', 'list', '--site', dir, '-o', 'yaml']), { code: 0, out: /name: a\/b/ })
  t.end()
})

t.test('loads what it needs and no more', async (t) => {
  const dir = t.testdir({
    plain: site('  - file: /nowhere/x\n    absent: true\n'),
    templated: site('  - file: "/nowhere/{{ 1 + 1 }}"\n    absent: true\n'),
    state: {},
  })
  const loaded = (name: string, words: readonly string[]) => {
    const NODE_V8_COVERAGE = join(dir, `coverage-${name}`)
    const { code, err } = run(words, { NODE_V8_COVERAGE })
    t.same({ code, err }, { code: 0, err: '' })
    const [file = ''] = readdirSync(NODE_V8_COVERAGE)
    const { result } = JSON.parse(readFileSync(join(NODE_V8_COVERAGE, file), 'utf8'))
    return (result as { url: string }[])
      .filter(({ url }) => url.includes('/dist/bundle/'))
      .map(({ url }) => readFileSync(join('dist/bundle', basename(url)), 'utf8'))
  }
  const has = (texts: readonly string[], word: string) => texts.some((text) => text.includes(word))
  const MINIJINJA = 'minijinja_js_bg.wasm'
  const DIFF = 'maxEditLength'
  const YAML = 'YAMLParseError'

  const version = loaded('version', ['version'])
  const bytes = version.join('').length
  t.ok(bytes > 0 && bytes < MAX_START_BYTES, `${bytes} bytes`)

  const words = (name: string) => [
    'local',
    'plan',
    join(dir, name),
    '--host',
    'a',
    '--state',
    join(dir, 'state'),
  ]
  const plain = loaded('plain', words('plain'))
  t.notOk(has(plain, MINIJINJA))
  t.notOk(has(plain, DIFF))
  t.notOk(has(plain, YAML))
  t.ok(has(loaded('templated', words('templated')), MINIJINJA))
})

t.test('a reader that has seen enough makes no noise', async (t) => {
  const resources = Array.from({ length: 3000 }, (_, i) => `  - file: /nowhere/${'long'.repeat(20)}${i}\n`)
  const dir = t.testdir({ site: site(resources.join('')), 'facts.json': '{}' })
  const words = ['compile', 'a', '--site', join(dir, 'site'), '--facts', join(dir, 'facts.json')]
  const child = spawn(process.execPath, [BUNDLE, ...words])
  const said = err(child)
  child.stdout.once('data', () => child.stdout.destroy())
  await once(child, 'exit')
  // That the host is another machine is told before anything.
  const noise = said()
    .split('\n')
    .filter((line) => line !== '' && !/^(warning|hint): /.test(line))
  t.same(noise, [])
})

t.test('the first interrupt finishes the resource under way and leaves the rest', async (t) => {
  const { apply, path, finish } = slow(t)
  const child = apply()
  const said = err(child)
  await waitFor(() => (existsSync(path('begun')) ? true : null), { timeoutMs: TIMEOUT_MS })
  child.kill('SIGINT')
  await waitFor(() => (said().includes('interrupted') ? true : null), { timeoutMs: TIMEOUT_MS })
  finish()
  const [code] = await once(child, 'exit')
  t.equal(code, 130)
  t.ok(existsSync(path('ended')), 'its command came to its end')
  t.notOk(existsSync(path('later')))
  t.match(said(), /interrupted: finishing the resource under way/)
})

t.test('the second interrupt ends its command too', async (t) => {
  const { apply, path } = slow(t)
  const child = apply()
  const said = err(child)
  await waitFor(() => (existsSync(path('begun')) ? true : null), { timeoutMs: TIMEOUT_MS })
  child.kill('SIGTERM')
  await waitFor(() => (said().includes('interrupted') ? true : null), { timeoutMs: TIMEOUT_MS })
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 130)
  t.notOk(existsSync(path('ended')))
})

t.test('one run at a time, while a plan can be shown', async (t) => {
  const { apply, words, path, finish } = slow(t)
  const child = apply()
  await waitFor(() => (existsSync(path('begun')) ? true : null), { timeoutMs: TIMEOUT_MS })
  const second = run([...words('apply'), '--yes'])
  t.equal(second.code, 1)
  t.match(second.err, /^error: .*another run of drover is under way/)
  t.equal(run(words('plan')).code, 2)
  finish()
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})

t.test('an input that is no terminal is not asked', async (t) => {
  const { words } = slow(t)
  const { code, err } = run(words('apply'))
  t.equal(code, 64)
  t.match(err, /--yes/)
})

t.test('the shell completes with what the program says', async (t) => {
  const dir = t.testdir({ site: site('', '"web[1-2]"'), bin: {} })
  symlinkSync(join(process.cwd(), BUNDLE), join(dir, 'bin/drover'))
  const complete = (words: readonly string[]) => {
    const script = `eval "$(drover completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _drover; printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { PATH: `${join(dir, 'bin')}:${process.env.PATH}` }
    return spawnSync('bash', ['-c', script, 'bash', 'drover', ...words], {
      encoding: 'utf8',
      env,
      cwd: join(dir, 'site'),
    })
  }
  t.equal(complete(['loc']).stdout, 'local\n')
  t.equal(complete(['local', 'plan', '--host', '']).stdout, 'web1\nweb2\n')
  t.equal(complete(['compile', '$(touch pwned)']).stdout, '\n')
  t.notOk(existsSync(join(dir, 'site/pwned')), 'nothing that is typed is evaluated')
})

t.test('nothing is made in a file system of the kernel, and nobody waits for it', async (t) => {
  const dir = t.testdir({ site: site(''), proc: t.fixture('symlink', '/proc') })
  const at = (name: string) => join(dir, name)
  const local = ['--host', 'a', at('site')]
  for (const words of [
    ['init', '/proc/x/y'],
    ['init', at('proc/x/y')],
    ['init', '/sys/x'],
    ['local', 'plan', '--state', '/proc/x/y', ...local],
    ['local', 'plan', '--out', '/proc/x', ...local],
    ['local', 'apply', '--yes', '--state', at('proc/x'), ...local],
    ['agent', '--once', '--state', '/proc/x'],
    ['master', '--site', at('site'), '--state', '/proc/x', '--listen', '127.0.0.1:0'],
    ['restore', at('site/drover.yaml'), '--state', '/proc/x'],
    ['join', '--token-file', '-', '--state', '/proc/x'],
  ]) {
    const { code, err } = run(words)
    t.equal(code, 1, words.join(' '))
    t.match(err, /nothing can be made in \/(proc|sys), which is the kernel's/)
  }
})

t.test('docs/cli.md is what the program says of itself', async (t) => {
  t.equal(readFileSync('docs/cli.md', 'utf8'), cliPage(), 'run "npm run docs"')
})

const site = (resources: string, host = 'a') => ({
  'drover.yaml': 'name: demo\n',
  'hosts.yaml': `hosts:\n  ${host}: { roles: [demo] }\n`,
  roles: { demo: { 'role.yaml': `resources:${resources === '' ? ' []' : ''}\n${resources}` } },
})

/** A site with a command that ends when it is told to, and a file behind it. */
function slow(t: Test) {
  const dir = t.testdirName
  const path = (name: string) => join(dir, 'target', name)
  const script = `touch ${path('begun')}; while test ! -e ${path('finish')}; do sleep 0.1; done; touch ${path('ended')}`
  const files = site(
    `  - command: a slow one\n    argv: [sh, -c, ${JSON.stringify(script)}]\n  - file: ${path('later')}\n    owner: null\n    group: null\n`,
  )
  t.testdir({ site: files, target: {} })
  writeFileSync(path('.keep'), '')
  const words = (verb: string) => [
    'local',
    verb,
    join(dir, 'site'),
    '--host',
    'a',
    '--state',
    join(dir, 'state'),
  ]
  const apply = () => spawn(process.execPath, [BUNDLE, ...words('apply'), '--yes'])
  return { apply, words, path, finish: () => writeFileSync(path('finish'), '') }
}

/** What a process has said on its second stream so far. */
function err(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += chunk
  })
  return () => text
}

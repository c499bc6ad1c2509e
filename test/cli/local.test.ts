import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { leaveWatched } from '../../agent/watched.ts'
import { runCli, type Setting } from '../helpers/run-cli.ts'

const me = userInfo().username

/** A site of one role that manages files in a folder of the test, and a state folder. */
function siteOf(t: Test, resources: (target: string) => string) {
  const dir = t.testdir({ target: {}, site: { roles: { demo: {} } } })
  const target = join(dir, 'target')
  const site = join(dir, 'site')
  const state = join(dir, 'state')
  writeFileSync(join(site, 'drover.yaml'), 'name: demo\n')
  writeFileSync(join(site, 'hosts.yaml'), 'hosts:\n  web1: { roles: [demo] }\n  web2: { roles: [demo] }\n')
  const role = join(site, 'roles/demo/role.yaml')
  const declare = (text: string) => writeFileSync(role, `description: A demo.\nresources:\n${text}`)
  declare(resources(target))
  const run = (verb: string, words: readonly string[] = [], setting: Setting = {}) =>
    runCli(['local', verb, site, '--host', 'web1', '--state', state, ...words], setting)
  return { dir, site, state, target, declare, run, path: (name: string) => join(target, name) }
}

const file = (path: string, content: string, more = '') =>
  `  - file: ${path}\n    owner: ${me}\n    group: null\n    content: "${content}\\n"\n${more}`

const twoFiles = (target: string) => file(`${target}/a`, 'one') + file(`${target}/b`, 'two')

t.test('a plan exits 2, shows what would be done and writes nothing at all', async (t) => {
  const { run, state, path, site } = siteOf(t, twoFiles)
  const { code, out, err } = await run('plan')
  t.equal(code, 2)
  t.equal(err, '')
  t.match(out, `+ file:${path('a')}`)
  t.match(out, '      +one\n')
  t.match(out, /^Plan: 2 to add; 0 in order \(\d+ ms\)$/m)
  t.match(
    out,
    new RegExp(
      `^To apply exactly this: drover local apply ${site} --host web1 --state ${state} --plan [0-9a-f]{8}-[\\w-]{8}$`,
      'm',
    ),
  )
  t.notOk(existsSync(state))
  t.notOk(existsSync(path('a')))
})

t.test('an apply does what the plan showed, and a second one nothing', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const first = await run('apply', ['--yes'])
  t.equal(first.code, 0)
  t.match(first.out, /^Done: 2 added; 0 in order/m)
  t.match(first.err, `added   file:${path('a')} (`)
  t.equal(readFileSync(path('a'), 'utf8'), 'one\n')
  const second = await run('apply', ['--yes'])
  t.equal(second.code, 0)
  t.equal(second.err, '')
  t.match(second.out, /^Done: nothing was to do; 2 in order/)
  const plan = await run('plan')
  t.equal(plan.code, 0)
  t.match(plan.out, /^Plan: nothing to do; 2 in order \(\d+ ms\)\n$/)
})

t.test('a failure exits 4, together with changes that are due 6, and skips what needs it', async (t) => {
  const { run, path } = siteOf(
    t,
    (target) =>
      file(`${target}/a`, 'one') +
      file(`${target}/none/b`, 'two') +
      file(`${target}/c`, 'three', `    needs: file:${target}/none/b\n`),
  )
  const plan = await run('plan')
  t.equal(plan.code, 6)
  t.match(plan.out, /hint: declare directory:/)
  const apply = await run('apply', ['--yes'])
  t.equal(apply.code, 4)
  t.match(apply.out, `skipped, since file:${path('none/b')} failed`)
  t.match(apply.err, `failed  file:${path('none/b')}`)
  t.ok(existsSync(path('a')))
})

t.test('a fingerprint applies the plan that was seen', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const { out } = await run('plan')
  const { code, out: done } = await run('apply', ['--plan', fingerprintIn(out)])
  t.equal(code, 0)
  t.match(done, /2 added/)
  // What was shown before is not shown again.
  t.notMatch(done, '+one')
  t.ok(existsSync(path('b')))
})

t.test('a fingerprint refuses when the host has moved on, and names what moved', async (t) => {
  const { run, path } = siteOf(t, (target) =>
    ['a', 'b', 'c', 'd'].map((name) => file(`${target}/${name}`, name)).join(''),
  )
  writeFileSync(path('d'), 'd\n', { mode: 0o644 })
  const plan = fingerprintIn((await run('plan')).out)
  writeFileSync(path('a'), 'other\n', { mode: 0o644 })
  writeFileSync(path('b'), 'b\n', { mode: 0o644 })
  unlinkSync(path('d'))
  const { code, out, err } = await run('apply', ['--plan', plan])
  t.equal(code, 1)
  t.equal(out, '')
  t.match(err, `due now, and not in the plan: file:${path('d')}\n`)
  t.match(err, `due otherwise than the plan says: file:${path('a')}\n`)
  t.match(err, `in the plan, and in order now: file:${path('b')}\n`)
  t.match(err, 'error: the host is no longer what it was when the plan was made; nothing was changed\n')
  t.notOk(existsSync(path('c')))
})

t.test('a bare hash refuses with the plan as it is now', async (t) => {
  const { run } = siteOf(t, twoFiles)
  const { code, err } = await run('apply', ['--plan', '00000000'])
  t.equal(code, 1)
  t.match(err, /Plan: 2 to add/)
})

t.test('a plan in a file is for its owner alone, applies, and refuses with what moved', async (t) => {
  const { run, dir, path } = siteOf(t, twoFiles)
  const kept = join(dir, 'plan.json')
  const plan = await run('plan', ['--out', kept])
  t.match(plan.out, `--plan ${kept}\n`)
  t.equal(statSync(kept).mode & 0o777, 0o600)
  writeFileSync(path('b'), 'other\n', { mode: 0o644 })
  const refused = await run('apply', ['--plan', kept])
  t.equal(refused.code, 1)
  t.match(refused.err, `due otherwise than the plan says: file:${path('b')}`)
  unlinkSync(path('b'))
  t.equal((await run('apply', ['--plan', kept])).code, 0)
  t.ok(existsSync(path('b')))
})

t.test('a plan goes into a file that is there for its owner alone as well', async (t) => {
  const { run, dir } = siteOf(t, twoFiles)
  const kept = join(dir, 'plan.json')
  writeFileSync(kept, 'before', { mode: 0o644 })
  await run('plan', ['--out', kept])
  t.equal(statSync(kept).mode & 0o777, 0o600)
  t.match(JSON.parse(readFileSync(kept, 'utf8')), { host: 'web1' })
})

for (const { what, text, says } of [
  { what: 'is missing', text: null, says: 'neither a fingerprint nor a file' },
  { what: 'is no JSON', text: '{', says: 'the file is no JSON' },
  { what: 'is another JSON', text: '{"version":"1.0"}', says: 'the file holds no plan of this version' },
]) {
  t.test(`a plan file that ${what} is refused`, async (t) => {
    const { run, dir } = siteOf(t, twoFiles)
    const path = join(dir, 'plan.json')
    if (text !== null) writeFileSync(path, text)
    const { code, err } = await run('apply', ['--plan', path])
    t.equal(code, 1)
    t.match(err, says)
  })
}

t.test('an apply asks on a terminal: yes', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const { code, out, err } = await run('apply', [], { typed: 'y\n', env: { NO_COLOR: '1' } })
  t.equal(code, 0)
  t.match(err, /Plan: 2 to add/)
  t.match(err, 'Apply this? [y/N] ')
  t.match(out, /Done: 2 added/)
  t.ok(existsSync(path('a')))
})

for (const typed of ['n\n', '\n', '', 'yep\n']) {
  t.test(`an apply asks on a terminal: ${JSON.stringify(typed)} is no`, async (t) => {
    const { run, path } = siteOf(t, twoFiles)
    const { code, out, err } = await run('apply', [], { typed, env: { NO_COLOR: '1' } })
    t.equal(code, 2)
    t.equal(out, '')
    t.match(err, 'nothing was changed')
    t.notOk(existsSync(path('a')))
  })
}

t.test('an apply does not ask when there is nothing to do', async (t) => {
  const { run } = siteOf(t, twoFiles)
  await run('apply', ['--yes'])
  const { code, err } = await run('apply', [], { typed: '', env: { NO_COLOR: '1' } })
  t.equal(code, 0)
  t.notMatch(err, 'Apply this?')
})

t.test('without a terminal an apply names the flags that it needs', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const { code, err } = await run('apply')
  t.equal(code, 64)
  t.match(err, /--yes.*--plan/)
  t.notOk(existsSync(path('a')))
})

t.test('machine output has a version and one shape', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const plan = JSON.parse((await run('plan', ['--json'])).out)
  t.same(Object.keys(plan), [
    'version',
    'host',
    'mode',
    'outcomes',
    'owed',
    'held',
    'summary',
    'fingerprint',
    'ms',
  ])
  t.match(plan, { version: '1.0', host: 'web1', mode: 'check', summary: { planned: 2 }, owed: [] })
  t.match(plan.outcomes[0], { id: `file:${path('a')}`, status: 'planned', steps: [{ do: 'write' }] })
  const yaml = (await run('plan', ['-o', 'yaml'])).out
  t.match(yaml, /^version: "1\.0"\nhost: web1\nmode: check\n/)
  t.equal((await run('plan', ['-o', 'name'])).out, `file:${path('a')}\nfile:${path('b')}\n`)
  const apply = JSON.parse((await run('apply', ['--yes', '--json'])).out)
  t.match(apply, { version: '1.0', mode: 'apply', fingerprint: null, summary: { changed: 2 } })
  const settled = JSON.parse((await run('plan', ['--json'])).out)
  t.same(settled.outcomes[0], { id: `file:${path('a')}`, status: 'settled' })
})

t.test('lines of JSON come as it happens', async (t) => {
  const { run } = siteOf(t, twoFiles)
  const lines = (await run('apply', ['--yes', '-o', 'jsonl'])).out.trimEnd().split('\n')
  const events = lines.map((line) => JSON.parse(line))
  t.same(events[0], { type: 'version', format: '1.0' })
  t.same(
    events.map(({ type }) => type),
    ['version', 'step', 'outcome', 'step', 'outcome', 'end'],
  )
  t.match(events[2], { done: 1, total: 2, outcome: { status: 'changed' } })
  t.match(events.at(-1), { host: 'web1', mode: 'apply', summary: { changed: 2 } })
})

t.test('colour is for terminals, unless it is asked for or refused', async (t) => {
  const { run } = siteOf(t, twoFiles)
  const coloured = async (words: string[], setting: Setting) =>
    (await run('plan', words, setting)).out.includes('\u001b[')
  t.equal(await coloured([], {}), false)
  t.equal(await coloured([], { terminal: true }), true)
  t.equal(await coloured([], { terminal: true, env: { NO_COLOR: '1' } }), false)
  t.equal(await coloured([], { terminal: true, env: { TERM: 'dumb' } }), false)
  t.equal(await coloured([], { env: { FORCE_COLOR: '1' } }), true)
  t.equal(await coloured([], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }), false)
  t.equal(await coloured(['--color', 'always'], { env: { NO_COLOR: '1' } }), true)
  t.equal(await coloured(['--color', 'never'], { terminal: true }), false)
})

t.test('a terminal sees one line that is drawn again, and it is gone at the end', async (t) => {
  const { run, path } = siteOf(t, twoFiles)
  const { err } = await run('apply', ['--yes'], { terminal: true, env: { NO_COLOR: '1' } })
  t.match(err, `file:${path('a')}  write`.slice(0, 98))
  t.ok(err.endsWith('\r\u001b[K'))
  t.notMatch(err, 'added')
})

t.test('a host is named or guessed, and the names are listed', async (t) => {
  const { site, state } = siteOf(t, twoFiles)
  const run = (...words: string[]) => runCli(['local', 'plan', site, '--state', state, ...words])
  t.match(await run(), { code: 1, err: /name one with --host: web1, web2/ })
  t.match(await run('--host', 'wbe1'), { code: 1, err: /declares no host "wbe1"\nhint: did you mean "web1"/ })
})

t.test('a site with errors is refused with their places', async (t) => {
  const { run, declare } = siteOf(t, twoFiles)
  declare('  - fil: /x\n')
  const { code, out, err } = await run('plan')
  t.equal(code, 1)
  t.equal(out, '')
  t.match(err, /roles\/demo\/role\.yaml:3:5 error: .*\n +3 \| {3}- fil: \/x\n +\| +\^\n/)
  t.match(err, /the site has 1 error; nothing was done/)
})

t.test('a folder that is none is said so', async (t) => {
  const { code, err } = await runCli(['local', 'plan', '/nowhere'])
  t.equal(code, 1)
  t.match(err, /error: \/nowhere is not a folder\n +hint: make a site with "drover init DIR"/)
})

t.test('a state folder that cannot be made is said so', async (t) => {
  const { site } = siteOf(t, twoFiles)
  const state = join(site, 'drover.yaml', 'state')
  const said = await runCli(['local', 'apply', site, '--host', 'web1', '--yes', '--state', state])
  t.match(said, {
    code: 1,
    err: /^error: .*drover\.yaml\/state: its state can't be read or kept: .*\nhint: .*--state/,
  })
})

function fingerprintIn(out: string): string {
  return /--plan (\S+)$/m.exec(out)?.[1] ?? ''
}

t.test('what drover made or changed is listed with what was there before', async (t) => {
  const { run, state, path, declare } = siteOf(t, twoFiles)
  const owned = (...words: string[]) => runCli(['local', 'owned', '--state', state, ...words])
  t.match(await owned(), { code: 0, out: '', err: 'drover has made or changed nothing here\n' })
  writeFileSync(path('a'), 'theirs\n', { mode: 0o600 })
  await run('apply', ['--yes'])
  const { out, err } = await owned('-o', 'wide')
  t.equal(err, '')
  t.match(
    out,
    new RegExp(`^file:${path('a')} +\\S.*  file, kept  demo        roles/demo/role\\.yaml:3$`, 'm'),
  )
  t.match(
    out,
    new RegExp(`^file:${path('b')} +\\S.*  nothing     demo        roles/demo/role\\.yaml:7$`, 'm'),
  )
  t.match(out, /^2 resources$/m)
  t.equal((await owned('-o', 'name')).out, `file:${path('a')}\nfile:${path('b')}\n`)

  declare('  []\n')
  t.match((await run('apply', ['--yes'])).out, /^2 resources .* stay: the catalog is empty.*\nhint: /m)
  t.match((await owned()).out, new RegExp(`^file:${path('a')} .* nobody since .*; last demo$`, 'm'))
  const { owned: views } = JSON.parse((await owned('--json')).out)
  t.match(views[0], {
    id: `file:${path('a')}`,
    since: String,
    leftAt: String,
    before: {
      kind: 'file',
      paths: [{ path: path('a'), mode: '0600', owner: me, content: 'kept' }],
      cut: false,
    },
  })
})

t.test('what the agent of this machine watches is told type by type', async (t) => {
  const state = t.testdir({})
  const watched = (...words: string[]) => runCli(['local', 'watched', '--state', state, ...words])
  t.match(await watched(), { code: 0, out: '', err: 'no agent has watched anything here yet\n' })
  const types = [
    { type: 'file', heard: 2, polled: 0, swept: 0 },
    { type: 'command', heard: 0, polled: 0, swept: 1 },
  ]
  leaveWatched(state, { heard: 2, polled: 0, swept: 1, directories: 3, deaf: 0, types })
  t.match(
    (await watched()).out,
    /\ncommand +1\nfile +2\n\nwatching 2 resources in 3 directories; 1 by the sweep alone /,
  )
  t.match(JSON.parse((await watched('--json')).out).watched, { since: /Z$/, heard: 2, types })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { escapeText } from '../../cli/escape.ts'
import { Failure } from '../../lib/failure.ts'
import { cannedMaster } from '../helpers/canned-master.ts'
import { bytesOf, changed, failed, hostResult, planned } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'

const FINGERPRINT = '3fa9c1d2-7be01f44'
const CHECKING = { kind: 'RUN_KIND_CHECK' } as const
const APPLYING = { kind: 'RUN_KIND_APPLY' } as const

/** A run that tells all of this and ends. */
const telling = (events: readonly { result?: { host?: string } }[], fingerprint = FINGERPRINT) =>
  function* () {
    yield { started: { hosts: events.flatMap(({ result }) => (result?.host ? [result.host] : [])) } }
    yield* events
    yield { ended: { fingerprint } }
  }

const troubled = (host: string, code: string, reason: string) => ({
  result: { host, problem: { code, reason, hint: `look at ${host}` } },
})

t.test('500 hosts with the same plan are shown once, and named', async (t) => {
  const names = Array.from({ length: 500 }, (_, i) => `web${String(i).padStart(3, '0')}`)
  const same = names.map((name) => hostResult(name, [planned('file:/etc/motd')]))
  const other = hostResult('db1', [planned('file:/etc/db')])
  const { socket, asked } = await cannedMaster(t, { Run: telling([...same, other, hostResult('quiet')]) })
  const { code, out, err } = await runCli(['plan', '--all', '--socket', socket])
  t.equal(code, 2)
  t.equal(
    out,
    [
      'db1',
      `  ~ file:/etc/db${' '.repeat(32)}web  roles/web/role.yaml:14`,
      '      mode 0640 -> 0644',
      '',
      'web000, web001, web002, web003, web004, web005, web006, web007 and 492 more  (500 hosts)',
      `  ~ file:/etc/motd${' '.repeat(30)}web  roles/web/role.yaml:14`,
      '      mode 0640 -> 0644',
      '',
      out.split('\n').at(-3),
      `To apply exactly this: drover apply --plan ${FINGERPRINT} --socket ${socket}`,
      '',
    ].join('\n'),
  )
  t.match(out, /^Plan: 502 hosts: 501 with changes, 1 in order; 501 to change \([\d.]+ m?s\)$/m)
  t.match(asked, [{ method: 'Run', request: { ...CHECKING, plan: '', selection: { all: true } } }])
  const lines = err.trimEnd().split('\n')
  t.equal(lines.length, 503, 'without a terminal a line for each host')
  t.same([lines[0], lines[1]], ['asking 502 hosts', 'web000: 1 to change'])
  t.match((await runCli(['plan', '--all', '--socket', socket, '-o', 'wide'])).out, names.join(', '))
})

t.test('a difference in what would be done keeps hosts apart; how long it took does not', async (t) => {
  const Run = telling([
    hostResult('a', [failed('file:/x', 'no space')]),
    hostResult('b', [{ ...failed('file:/x', 'no space'), ms: 999 } as never]),
    hostResult('c', [failed('file:/x', 'no such user')]),
  ])
  const { socket } = await cannedMaster(t, { Run })
  const { out } = await runCli(['plan', '--all', '--socket', socket])
  t.match(out, /^a, b {2}\(2 hosts\)\n/)
  t.match(out, /\nc\n/)
})

const ends = [
  { what: 'all in order', events: [hostResult('a'), hostResult('b')], code: 0 },
  { what: 'changes are due', events: [hostResult('a', [planned('file:/x')]), hostResult('b')], code: 2 },
  { what: 'a resource failed', events: [hostResult('a', [failed('file:/x', 'why')])], code: 4 },
  { what: 'a host was away', events: [troubled('a', 'unavailable', 'not connected')], code: 8 },
  { what: 'a host has not answered in time', events: [troubled('a', 'timeout', 'no answer')], code: 8 },
  { what: 'a host has refused', events: [troubled('a', 'conflict', 'the plan has moved')], code: 1 },
  {
    what: 'a run could not go on',
    events: [hostResult('a', [], { problem: { code: 'conflict', reason: 'another run', hint: '' } })],
    code: 4,
  },
  {
    what: 'all of that',
    events: [
      hostResult('a', [planned('file:/x')]),
      hostResult('b', [failed('file:/x', 'why')]),
      troubled('c', 'unavailable', 'not connected'),
      troubled('d', 'denied', 'revoked'),
    ],
    code: 15,
  },
]
for (const { what, events, code } of ends) {
  t.test(`${what}: exits ${code}, in every form`, async (t) => {
    const { socket } = await cannedMaster(t, { Run: telling(events) })
    for (const form of ['table', 'wide', 'json', 'yaml', 'jsonl', 'name']) {
      t.equal((await runCli(['plan', '--all', '--socket', socket, '-o', form])).code, code, form)
    }
    t.equal((await runCli(['apply', '--all', '--yes', '--socket', socket])).code, code)
  })
}

t.test('hosts that were not reached or would not are named with why, alike ones together', async (t) => {
  const away = ['a', 'b', 'c'].map((name) => troubled(name, 'unavailable', 'this host is not connected'))
  const events = [...away, troubled('d', 'conflict', 'the plan has moved:\nfile:/etc/motd is due now')]
  const { socket } = await cannedMaster(t, { Run: telling(events, '') })
  const { out } = await runCli(['apply', '--plan', FINGERPRINT, '--socket', socket])
  t.match(out, 'Not run:\n  ! d: the plan has moved:\n    file:/etc/motd is due now\n    hint: look at d\n')
  t.match(out, 'Not reached:\n  ! a, b, c: this host is not connected\n')
  t.match(out, /^Done: 4 hosts: 1 not run, 3 not reached/m)
  t.notMatch(out, 'To apply')
})

t.test('apply shows the plan, asks, and applies that plan and no other', async (t) => {
  const Run = (request: Record<string, unknown>) =>
    telling([
      hostResult('a', [request.kind === 'RUN_KIND_CHECK' ? planned('file:/x') : changed('file:/x')]),
    ])()
  const { socket, asked } = await cannedMaster(t, { Run })
  const words = ['apply', 'a', '--socket', socket]
  const no = await runCli(words, { typed: 'n\n', env: { NO_COLOR: '1' } })
  t.match(no, { code: 2, out: '' })
  t.match(no.err, /~ file:\/x.*Apply this to 1 host\? \[y\/N\].*nothing was changed/s)
  t.match(asked, [{ request: CHECKING }])
  t.equal(asked.length, 1)
  const yes = await runCli(words, { typed: 'y\n', env: { NO_COLOR: '1' } })
  t.match(yes, { code: 0, out: /^a\n {2}~ file:\/x.*\nDone: 1 host: 1 changed; 1 changed/s })
  t.match(asked.slice(1), [
    { request: CHECKING },
    { request: { ...APPLYING, plan: FINGERPRINT, selection: { hosts: ['a'] } } },
  ])
  await runCli(['apply', '--plan', FINGERPRINT, '--socket', socket])
  t.match(asked.at(-1), { request: { ...APPLYING, plan: FINGERPRINT, selection: null } })
})

t.test('nothing that is due is asked about', async (t) => {
  const { socket, asked } = await cannedMaster(t, { Run: telling([hostResult('a')], '') })
  t.equal((await runCli(['apply', 'a', '--socket', socket], { typed: '' })).code, 0)
  t.equal(asked.length, 1)
})

for (const { words, err } of [
  { words: ['plan'], err: /name hosts, a role or --all/ },
  { words: ['apply'], err: /name hosts, a role, --all, or a plan/ },
  { words: ['apply', 'web1'], err: /no terminal to ask on\nhint: .*--yes/ },
]) {
  t.test(`drover ${words.join(' ')} exits 64 before it asks a master`, async (t) => {
    t.match(await runCli([...words, '--socket', '/nowhere']), { code: 64, err })
  })
}

t.test('a terminal shows a bar, and what the hosts are at', async (t) => {
  const Run = function* () {
    yield { started: { hosts: ['a', 'b'] } }
    yield {
      progress: {
        host: 'a',
        done: 3,
        total: 10,
        resource: 'package:nginx',
        status: '',
        waiting: 'the lock of dpkg',
      },
    }
    yield* [hostResult('a'), hostResult('b')]
    yield { ended: { fingerprint: '' } }
  }
  const { socket } = await cannedMaster(t, { Run })
  const { err } = await runCli(['plan', '--all', '--socket', socket], { terminal: true })
  t.match(err, '\r\u001b[K')
  t.match(err, `[${' '.repeat(24)}] 0/2 hosts`)
  t.notMatch(
    (await runCli(['plan', '--all', '--socket', socket], { terminal: true, env: { CI: '1' } })).err,
    '\u001b[K',
  )
})

t.test('programs get every host with all that it said', async (t) => {
  const events = [hostResult('a', [planned('file:/x')]), troubled('b', 'unavailable', 'away')]
  const { socket } = await cannedMaster(t, { Run: telling(events) })
  const words = ['plan', '--all', '--socket', socket]
  const report = JSON.parse((await runCli([...words, '--json'])).out)
  t.match(report, {
    version: '1.0',
    mode: 'check',
    fingerprint: FINGERPRINT,
    detached: false,
    summary: { hosts: 2, due: 1, unreachable: 1, refused: 0, inOrder: 0 },
    hosts: [
      { host: 'a', run: { mode: 'check', startedAt: /Z$/, summary: { planned: 1 } }, problem: null },
      { host: 'b', run: null, outcomes: [], problem: { kind: 'unreachable', code: 'unavailable' } },
    ],
  })
  t.same(report.hosts[0].outcomes, [planned('file:/x')])
  const lines = (await runCli([...words, '-o', 'jsonl'])).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.same(
    lines.map(({ type }) => type),
    ['version', 'started', 'result', 'result', 'end'],
  )
  t.match(lines.at(-1), { fingerprint: FINGERPRINT, summary: report.summary })
  t.equal((await runCli([...words, '-o', 'name'])).out, 'a\nb\n')
})

t.test('what was told before the connection broke is shown, and that an apply goes on', async (t) => {
  const Run = function* () {
    yield { started: { hosts: ['a', 'b'] } }
    yield hostResult('a', [changed('file:/x')])
    throw new Failure('unavailable', 'the master is stopping')
  }
  const { socket } = await cannedMaster(t, { Run })
  const { code, out, err } = await runCli(['apply', '--all', '--yes', '--socket', socket])
  t.equal(code, 1)
  t.match(out, /~ file:\/x.*Not heard of yet: b.*Done: 2 hosts: 1 changed, 1 not heard of yet/s)
  t.match(err, /error: the master is stopping\nhint: what has begun goes on/)
})

t.test('a report that is none is a host that failed, and no fault of drover', async (t) => {
  const odd = (host: string, body: unknown) => ({
    result: { ...hostResult(host).result, body: bytesOf(body) },
  })
  const deep = (text: string) => `${'['.repeat(200_000)}${text}${']'.repeat(200_000)}`
  const events = [
    odd('a', { outcomes: 7 }),
    odd('b', { outcomes: [{ id: 'x:y', status: 'odd' }], owed: [] }),
    odd('c', { outcomes: [planned('file:/x', { steps: [{ do: 'run' }] } as never)], owed: [] }),
    { result: { ...hostResult('d').result, body: Buffer.from(deep('')), origins: Buffer.from(deep('')) } },
    hostResult('e', [planned('file:/x')]),
  ]
  const { socket } = await cannedMaster(t, { Run: telling(events) })
  const { code, out, err } = await runCli(['plan', '--all', '--socket', socket])
  t.equal(code, 3)
  t.notMatch(err, 'internal error')
  t.match(out, /Not run:\n {2}! a, b, d: the host's report can't be read/)
  t.match(out, /c\n {2}1 resource, reported in a way/)
  t.match(out, /e\n {2}~ file:\/x/)
})

const NASTY = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  '\u202etxt.exe',
  'a\rb\nc',
  '\u200b\ufeff\u2066',
  '\0',
  '\ud800',
  '\u{e0041}',
]

t.test('nothing that a host says is obeyed by a terminal, whatever the form', async (t) => {
  const events = NASTY.flatMap((text, i) => [
    hostResult(`h${i}${text}`, [
      planned(`file:/x${text}`, {
        changes: [{ field: `mode${text}`, from: text, to: [text] }],
        previews: [{ path: text, diff: `@@\n-a${text}\n+b${text}\n`, note: text, added: 1, removed: 1 }],
        unknown: text,
        after: [`a:${text}`],
      } as never),
      failed(`file:/y${text}`, `why${text}`),
    ]),
    troubled(`g${i}${text}`, 'denied', `reason${text}`),
  ])
  const Run = function* () {
    yield { started: { hosts: NASTY } }
    for (const text of NASTY)
      yield { progress: { host: text, resource: text, waiting: text, done: 1, total: 2 } }
    yield* events
    yield { ended: { fingerprint: `a${NASTY[0]}` } }
  }
  const { socket } = await cannedMaster(t, { Run })
  // All that a terminal obeys or hides, but for the ends of our own lines.
  const unsafe = (text: string) => escapeText(text.replaceAll('\n', '')) !== text.replaceAll('\n', '')
  for (const form of ['table', 'wide', 'json', 'yaml', 'jsonl', 'name']) {
    const { out, err } = await runCli(['plan', '--all', '--socket', socket, '-o', form, '--diff', 'full'])
    t.notOk(unsafe(out), form)
    t.notOk(unsafe(err), form)
    t.ok(out.length > 0)
  }
  const { out } = await runCli(['plan', '--all', '--socket', socket, '--json'])
  // What is no text at all does not survive the wire.
  const hosts = JSON.parse(out).hosts.map(({ host }: { host: string }) => host)
  t.ok(hosts.includes(`h0${NASTY[0]}`), 'programs get what was said')
})

t.test('Ctrl-C ends the waiting and not the apply, and says so', async (t) => {
  if (!existsSync('dist/bundle/drover.js')) throw new Error('npm run build makes the bundle')
  let ended = false
  const Run = async function* (_request: object, signal: AbortSignal) {
    yield { started: { hosts: ['a', 'b'] } }
    yield hostResult('a', [changed('file:/x')])
    await once(signal, 'abort')
    ended = true
  }
  const { socket } = await cannedMaster(t, { Run })
  const child = spawn(process.execPath, [
    'dist/bundle/drover.js',
    'apply',
    '--all',
    '--yes',
    '--socket',
    socket,
  ])
  let err = ''
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
    if (err.includes('a: 1 changed') && !err.includes('detached')) child.kill('SIGINT')
  })
  const [code] = await once(child, 'close')
  t.equal(code, 130)
  t.match(err, 'detached: what has begun goes on; see it with "drover runs"')
  t.match(out, /Not heard of yet: b/)
  t.ok(ended, 'the call has ended')
})

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { openOperator } from '../../cli/operator.ts'
import { pastTime } from '../../cli/past-time.ts'
import { agoText } from '../../cli/time-text.ts'
import { Failure, type FailureCode } from '../../lib/failure.ts'
import { markOf } from '../../lib/secret-mark.ts'
import { cannedMaster } from '../helpers/canned-master.ts'
import { bytesOf, changed, failed, hostRow, runRow } from '../helpers/rows.ts'
import { runCli } from '../helpers/run-cli.ts'

const HOUR_MS = 3_600_000
const DRIFT = {
  host: 'web1',
  resource: 'file:/etc/motd',
  since: Date.now() - 2 * HOUR_MS - 5000,
  last_seen_at: Date.now() - 1000,
  changes: bytesOf([{ field: 'sha256', from: 'a'.repeat(64), to: 'b'.repeat(64) }]),
  diff: '@@ -1 +1 @@\n-by hand\n+as declared\n',
  origin: 'roles/web/role.yaml:12',
  run_id: '01976f3a-0000-7000-8000-000000000001',
}

t.test('drift: what differs, since when, how, and where it is declared', async (t) => {
  const { socket, asked } = await cannedMaster(t, { ListDrift: { drift: [DRIFT] } })
  const { code, out } = await runCli(['drift', 'web1', '--socket', socket])
  t.equal(code, 2)
  t.equal(
    out,
    [
      'web1',
      `  ~ file:/etc/motd${' '.repeat(30)}since 2 h ago  roles/web/role.yaml:12`,
      '      content +1 -1',
      '        @@ -1 +1 @@',
      '        -by hand',
      '        +as declared',
      '',
      '1 resource of 1 host differs',
      '',
    ].join('\n'),
  )
  t.match(asked, [{ request: { selection: { hosts: ['web1'] } } }])
  const [row] = JSON.parse((await runCli(['drift', '--socket', socket, '--json'])).out).drift
  t.match(row, {
    host: 'web1',
    since: new Date(DRIFT.since).toISOString(),
    diff: DRIFT.diff,
    run: DRIFT.run_id,
  })
  t.equal((await runCli(['drift', '--socket', socket, '-o', 'name'])).out, 'web1 file:/etc/motd\n')
})

t.test('drift --since: what began to differ since then, and whether it does still', async (t) => {
  const mended = { ...DRIFT, resource: 'file:/b', settled_at: Date.now() - HOUR_MS - 5000 }
  const { socket, asked } = await cannedMaster(t, { ListDrift: { drift: [DRIFT, mended] } })
  const { code, out } = await runCli(['drift', '--since', '3h', '--diff', 'none', '--socket', socket])
  t.equal(code, 2)
  t.match(out, /~ file:\/etc\/motd +since 2 h ago {2}roles/)
  t.match(out, /~ file:\/b +2 h ago, in order again 1 h ago {2}roles/)
  t.match(out, /^2 differences of 1 host began since then, 1 there still$/m)
  const since = Number(asked[0]?.request.since)
  t.ok(Math.abs(Date.now() - 3 * HOUR_MS - since) < 60_000)
  const view = JSON.parse((await runCli(['drift', '--since', '3h', '--socket', socket, '--json'])).out)
  t.match(view.drift, [{ settledAt: null }, { settledAt: new Date(mended.settled_at).toISOString() }])
  const calm = await cannedMaster(t, { ListDrift: { drift: [mended] } })
  t.match(await runCli(['drift', '--since', '3h', '--socket', calm.socket]), {
    code: 0,
    out: /^1 difference of 1 host began since then, none there still$/m,
  })
  t.match(await runCli(['drift', '--since', 'noon', '--socket', socket]), {
    code: 64,
    err: /"noon" is no time\nhint: such as/,
  })
})

t.test('history --at: what a host had applied at a time, and what differed', async (t) => {
  const run = runRow('web1', [changed('file:/x')], { kind: 'RUN_KIND_APPLY', catalog_sha256: 'b'.repeat(64) })
  const { socket, asked } = await cannedMaster(t, { GetPast: { run, drift: [DRIFT] } })
  const words = ['history', 'web1', '--at', '2026-03-01T14:00:00Z', '--socket', socket]
  const { code, out } = await runCli(words)
  t.equal(code, 0)
  t.match(asked[0]?.request, { host: 'web1', at: Date.UTC(2026, 2, 1, 14) })
  t.match(
    out,
    /^web1 at 2026-03-01T14:00:00\.000Z\n {2}commit +c0ffee\n {2}catalog +b{64}\n {2}run +01976f3a-/,
  )
  t.match(out, /came to +1 changed\n\nDiffered\n {2}~ file:\/etc\/motd +since 2 h ago/)
  t.notMatch(out, /by hand/)
  t.match((await runCli([...words, '-o', 'wide'])).out, /-by hand/)
  t.match(JSON.parse((await runCli([...words, '--json'])).out), {
    version: '1.0',
    at: '2026-03-01T14:00:00.000Z',
    commit: 'c0ffee',
    catalog: 'b'.repeat(64),
    run: { mode: 'apply' },
    drift: [{ resource: 'file:/etc/motd' }],
  })
  const none = await cannedMaster(t, { GetPast: { drift: [] } })
  t.match(await runCli(['history', 'web1', '--at', '1d', '--socket', none.socket]), {
    code: 0,
    out: /no apply until then is known\n\nnothing differed\n$/,
  })
  t.match(await runCli(['history', 'web1', '--at', '2999-01-01', '--socket', socket]), {
    code: 64,
    err: /"2999-01-01" is in the future/,
  })
})

const resource = (id: string, props: object, more: object = {}) => {
  const [type, name] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)]
  const origins = [{ role: 'web', file: 'roles/web/role.yaml', line: 7, column: 5 }]
  const bare = { needs: [], reactions: [], timeoutMs: null, onRemove: null, tags: [], origins }
  return bytesOf({ id, type, name, props, ...bare, ...more })
}

t.test('diff: what two catalogs declare differently, as a plan would show it', async (t) => {
  const run = runRow('web1', [], { kind: 'RUN_KIND_APPLY' })
  const mark = markOf('app/key')
  const pairs = [
    {
      id: 'file:/etc/app',
      from: resource('file:/etc/app', { mode: '0600', sha256: 'a'.repeat(64) }),
      to: resource('file:/etc/app', { mode: '0644', sha256: 'b'.repeat(64) }, { needs: ['user:app'] }),
      from_content: Buffer.from(`key ${mark}\nport 1\n`),
      to_content: Buffer.from(`key ${mark}\nport 2\n`),
      secrets: ['app/key'],
    },
    { id: 'user:app', to: resource('user:app', { shell: '/bin/sh', groups: [] }) },
    { id: 'file:/x', from: resource('file:/x', { mode: '0600' }) },
    {
      id: 'file:/y',
      from: resource('file:/y', { sha256: 'a'.repeat(64) }),
      to: resource('file:/y', { sha256: 'b'.repeat(64) }),
      content_note: 'what it held is kept no more',
    },
  ]
  const { socket, asked } = await cannedMaster(t, {
    CompareCatalogs: () => [{ runs: { from: run, to: run } }, ...pairs.map((pair) => ({ pair }))],
  })
  const { code, out } = await runCli(['diff', 'web1@2026-03-01T14:00:00Z', 'web1', '--socket', socket])
  t.equal(code, 2)
  t.match(asked[0]?.request, {
    from: { host: 'web1', at: Date.UTC(2026, 2, 1, 14) },
    to: { host: 'web1', at: 0 },
  })
  const origin = 'web  roles/web/role.yaml:7'
  t.same(out.split('\n').slice(2), [
    '',
    `~ file:/etc/app${' '.repeat(31)}${origin}`,
    '    mode 0600 -> 0644',
    '    content +1 -1',
    '    needs none -> [user:app]',
    '    secret app/key old -> new',
    '      @@ -1,2 +1,2 @@',
    '       key <secret app/key>',
    '      -port 1',
    '      +port 2',
    `+ user:app${' '.repeat(36)}${origin}`,
    '    shell /bin/sh',
    `- file:/x${' '.repeat(37)}${origin}`,
    `~ file:/y${' '.repeat(37)}${origin}`,
    '    content changes',
    '    what it held is kept no more',
    '',
    'Diff: 1 added, 2 changed, 1 removed',
    '',
  ])
  t.match(out, /^--- web1 commit c0ffee, applied .*Z, 1 min ago {2}run 01976f3a-.*\n\+\+\+ web1 /)
  const view = JSON.parse((await runCli(['diff', 'web1@1d', 'web1', '--socket', socket, '--json'])).out)
  t.match(view, {
    version: '1.0',
    from: { host: 'web1', commit: 'c0ffee' },
    resources: [
      { id: 'file:/etc/app', diff: /\+port 2/ },
      { id: 'user:app', from: null, to: { name: 'app' } },
      { id: 'file:/x', to: null },
      { note: 'what it held is kept no more', diff: null },
    ],
  })
  const same = await cannedMaster(t, { CompareCatalogs: () => [{ runs: { from: run, to: run } }] })
  t.match(await runCli(['diff', 'web1', 'web2', '--socket', same.socket]), {
    code: 0,
    out: /\nboth declare the same\n$/,
  })
  for (const [word, err] of [
    ['@2d', /"@2d" names no host\nhint: such as/],
    ['web1@', /"" is no time/],
    ['web1@soon', /"soon" is no time\nhint: such as/],
    ['web1@2999-01-01', /"2999-01-01" is in the future/],
  ] as const)
    t.match(await runCli(['diff', word, 'web1', '--socket', socket]), { code: 64, err }, word)
})

t.test('blame: which role manages a path, what it is made of, and who changed it', async (t) => {
  const read = (name: string, ...places: string[]) => ({ name, places })
  const lines = ['data/a.yaml:1', 'data/a.yaml:2', 'data/a.yaml:3', 'data/a.yaml:4', 'data/a.yaml:5']
  const source = {
    role: 'web',
    origin: 'roles/web/role.yaml:7',
    file: 'roles/web/templates/motd.j2',
    reads: [read('data.ntp', ...lines), read('facts.os')],
  }
  const last_change = {
    at: Date.now() - HOUR_MS,
    run_id: DRIFT.run_id,
    status: 'changed',
    changes: DRIFT.changes,
    commit: 'c0ffee',
    requested_by: 'anna',
  }
  const { socket, asked } = await cannedMaster(t, {
    Blame: {
      resources: [{ id: 'file:/etc/motd', sources: [source], last_change }],
      others: 2,
      commit: 'beef',
    },
  })
  const said = await runCli(['blame', 'web1', '/etc/motd:4', '--socket', socket])
  t.equal(said.code, 0)
  t.match(asked[0]?.request, { host: 'web1', path: '/etc/motd', line: 4 })
  t.match(
    said.out,
    new RegExp(
      [
        '^file:/etc/motd',
        '  declared  web  roles/web/role.yaml:7',
        '  from      roles/web/templates/motd.j2, which of its lines is not known',
        '  reads     data.ntp  data/a.yaml:1, data/a.yaml:2, data/a.yaml:3 and 2 more',
        '            facts.os',
        '  changed   .*Z, 1 h ago: content',
        `  run       ${DRIFT.run_id}`,
        '  commit    c0ffee',
        '  by        anna',
        '$',
      ].join('\\n'),
    ),
  )
  t.equal(said.err, '2 other resources manage it too\n')
  t.match(
    (await runCli(['blame', 'web1', '/etc/motd', '-o', 'wide', '--socket', socket])).out,
    lines.join(', '),
  )
  t.match(JSON.parse((await runCli(['blame', 'web1', '/etc/motd', '--json', '--socket', socket])).out), {
    version: '1.0',
    resources: [
      {
        id: 'file:/etc/motd',
        commit: 'beef',
        sources: [{ role: 'web', line: null, reads: [{ name: 'data.ntp', places: lines }, {}] }],
        lastChange: { run: DRIFT.run_id, requestedBy: 'anna' },
      },
    ],
  })
})

t.test('no drift exits 0', async (t) => {
  const { socket } = await cannedMaster(t, { ListDrift: { drift: [] } })
  t.match(await runCli(['drift', '--socket', socket]), { code: 0, out: 'nothing differs\n' })
})

t.test('lists come page by page, as far as --limit goes', async (t) => {
  const all = Array.from({ length: 1203 }, (_, i) => ({ ...DRIFT, resource: `file:/f${i}` }))
  const ListDrift = ({ page_size, page_token }: Record<string, unknown>) => {
    const from = Number(page_token)
    const end = from + Number(page_size)
    return { drift: all.slice(from, end), next_page_token: end < all.length ? String(end) : '' }
  }
  const { socket, asked } = await cannedMaster(t, { ListDrift })
  const limited = await runCli(['drift', '--socket', socket, '-o', 'name'])
  t.equal(limited.out.trimEnd().split('\n').length, 1000)
  t.equal(asked.length, 2)
  const whole = await runCli(['drift', '--socket', socket, '-o', 'name', '--limit', '5000'])
  t.equal(whole.out.trimEnd().split('\n').length, 1203)
  t.match((await runCli(['drift', '--socket', socket, '--limit', '3'])).err, /first 3; see more with --limit/)
  t.equal((await runCli(['drift', '--socket', socket, '--limit', '0'])).code, 64)
})

t.test('show: all of one host on one page', async (t) => {
  const host = hostRow('web1', {
    status: 'HOST_STATUS_FAILED',
    compile_problem: 'roles/web/role.yaml:3: no such file',
    drifted: 1,
  })
  const { socket } = await cannedMaster(t, {
    GetHost: { host, runs: [runRow('web1', [changed('file:/x')])], drift: [DRIFT] },
  })
  const { code, out } = await runCli(['show', 'web1', '--socket', socket])
  t.equal(code, 0)
  t.match(out, /^web1 {2}! failed\n/)
  t.match(out, /problem +roles\/web\/role\.yaml:3: no such file\n/)
  t.match(out, /\nRoles\n {2}web {2}hosts\.yaml:3\n/)
  t.match(out, /\nDiffers\n {2}~ file:\/etc\/motd +since 2 h ago/)
  t.match(
    out,
    /\nLast runs\n {2}RUN .*\n {2}01976f3a-0000-7000 {2}web1 {2}1 min ago {2}check {2}request of anna {2}1 changed/,
  )
  const view = JSON.parse((await runCli(['show', 'web1', '--socket', socket, '--json'])).out)
  t.match(view, {
    version: '1.0',
    host: { name: 'web1', version: '0.1.0' },
    drift: [{ host: 'web1' }],
    runs: [{ requestedBy: 'anna' }],
  })
})

t.test('runs and one of them', async (t) => {
  const outcomes = [changed('file:/x'), failed('file:/y', 'no space left')]
  const row = runRow('web1', outcomes, { kind: 'RUN_KIND_APPLY', unchanged_runs: 7 })
  const body = bytesOf({ outcomes, owed: [] })
  const origins = bytesOf({ 'file:/x': 'web  roles/web/role.yaml:3' })
  const { socket, asked } = await cannedMaster(t, {
    ListRuns: { runs: [row] },
    GetRun: { run: row, body, origins },
  })
  t.match(
    (await runCli(['runs', '--socket', socket])).out,
    /web1 +1 min ago +apply +request of anna +1 changed, 1 failed +250 ms\n/,
  )
  const { code, out } = await runCli(['run', '01976f3a', '--socket', socket])
  t.equal(code, 0)
  t.match(asked.at(-1), { request: { run_id: '01976f3a' } })
  t.match(out, /^run +01976f3a-.*\nhost +web1\n/)
  t.match(out, /unchanged +7 runs before it/)
  t.match(
    out,
    /~ file:\/x +web {2}roles\/web\/role\.yaml:3\n.*mode 0640 -> 0644\n! file:\/y\n +no space left\n/,
  )
  const view = JSON.parse((await runCli(['run', '01976f3a', '--socket', socket, '--json'])).out)
  t.match(view, { version: '1.0', mode: 'apply', outcomes, unchangedRuns: 7 })
})

t.test('history and audit', async (t) => {
  const change = {
    host: 'web1',
    at: Date.now() - HOUR_MS,
    run_id: DRIFT.run_id,
    resource: 'file:/x',
    status: 'changed',
  }
  const changes = [
    {
      ...change,
      changes: bytesOf([{ field: 'mode', from: '0600', to: '0644' }]),
      requested_by: 'anna',
      commit: 'c0ffee',
    },
    { ...change, resource: 'file:/y', status: 'failed', reason: 'no space left', changes: bytesOf([]) },
  ]
  const rows = [
    {
      at: change.at,
      actor: 'anna',
      method: 'Assign',
      subject: 'web1',
      detail: bytesOf({ host: 'web1' }),
      result: 'ok',
    },
    {
      at: change.at,
      actor: 'local (root)',
      method: 'Revoke',
      subject: 'web2',
      detail: bytesOf({}),
      result: 'not-found',
    },
  ]
  const { socket } = await cannedMaster(t, { ListChanges: { changes }, ListAudit: { rows } })
  const past = await runCli(['history', 'web1', '--socket', socket])
  t.match(past.out, /1 h ago {2}file:\/x {3}mode +01976f3a-0000-7000 {2}c0ffee {2}anna\n/)
  t.match(past.out, /file:\/y {3}failed: no space left/)
  t.match(
    (await runCli(['history', 'web1', '--socket', socket, '-o', 'wide'])).out,
    /T.*Z {2}changed {2}run .*\n {2}~ file:\/x\n {6}mode 0600 -> 0644\n/,
  )
  t.match(
    (await runCli(['audit', '--socket', socket])).out,
    /1 h ago {2}local \(root\) {2}Revoke {2}web2 {2}not-found\n/,
  )
  const view = JSON.parse((await runCli(['audit', '--socket', socket, '--json'])).out)
  t.match(view.audit[0], { at: new Date(change.at).toISOString(), actor: 'anna', request: { host: 'web1' } })
})

t.test('doctor exits 1 when something is wrong, and says what to do', async (t) => {
  const ok = { about: 'store', severity: 'SEVERITY_OK', text: 'whole' } as const
  const bad = {
    about: 'site',
    severity: 'SEVERITY_ERROR',
    text: 'hosts.yaml:3: no such role',
    hint: 'mend it',
  } as const
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const well = await cannedMaster(t, { Diagnose: { version, findings: [ok] } })
  t.match(await runCli(['doctor', '--socket', well.socket]), {
    code: 0,
    out: `✓ store: whole\n\nall is well  (drover ${version})\n`,
  })
  const ill = await cannedMaster(t, { Diagnose: { version: '9.9.9', findings: [ok, bad] } })
  const { code, out } = await runCli(['doctor', '--socket', ill.socket])
  t.equal(code, 1)
  t.match(
    out,
    /! site: hosts\.yaml:3: no such role\n {4}hint: mend it\n\n1 error, 0 warnings {2}\(master 9\.9\.9, this drover/,
  )
})

t.test('assign and unassign say what is new, where roles come from, and what is next', async (t) => {
  const roles = [
    { role: 'base', origin: 'hosts.yaml:2' },
    { role: 'web', origin: 'assigned by anna' },
  ]
  const { socket, asked } = await cannedMaster(t, {
    Assign: { roles, unchanged: ['base'] },
    Unassign: { roles: roles.slice(0, 1), unchanged: roles.slice(0, 1) },
    GetHost: { host: { name: 'web1' } },
  })
  const given = await runCli(['assign', 'web1', 'base', 'web', '--socket', socket])
  t.equal(given.out, 'web1\n  base  hosts.yaml:2\n+ web   assigned by anna\n')
  t.match(given.err, 'drover plan web1')
  t.match(asked, [{ method: 'Assign', request: { host: 'web1', roles: ['base', 'web'] } }])
  const taken = await runCli(['unassign', 'web1', 'base', 'web', '--socket', socket])
  t.equal(taken.out, 'web1\n  base  hosts.yaml:2\n- web\n')
  t.match(taken.err, 'base was not assigned to web1 here: it has it from hosts.yaml:2')
})

t.test('unassign says when what the roles made is taken back, and how to see it before', async (t) => {
  const unassign = async (mode: string) => {
    const { socket } = await cannedMaster(t, { Unassign: {}, GetHost: { host: { name: 'web1', mode } } })
    return (await runCli(['unassign', 'web1', 'web', '--socket', socket])).err
  }
  t.match(
    await unassign('MODE_ENFORCE'),
    /see what it changes: drover plan web1\n.*at once .*unassign --help/,
  )
  t.match(await unassign('MODE_AUDIT'), /nothing is taken back before web1 goes on: drover resume web1/)
  t.match(
    (await runCli(['unassign', '--help'])).out,
    /To see that before it is done:\n +drover pause web1 --audit/,
  )
})

t.test('pause, resume and revoke', async (t) => {
  const until = Date.now() + 2 * HOUR_MS + 5000
  const { socket, asked } = await cannedMaster(t, { Pause: { until }, Resume: {}, Revoke: {} })
  const words = ['pause', 'web1', '--why', 'new disk', '--socket', socket]
  t.match(await runCli([...words, '--for', '2h']), {
    code: 0,
    out: `web1 is paused until ${new Date(until).toISOString()}, in 2 h\n`,
  })
  await runCli([...words, '--for', '90s', '--audit'])
  t.match(asked, [
    { request: { host: 'web1', mode: 'MODE_PAUSED', seconds: 7200, reason: 'new disk' } },
    { request: { mode: 'MODE_AUDIT', seconds: 90 } },
  ])
  const some = { until, resources: ['file:/srv/a b', 'service:web'] }
  const part = await cannedMaster(t, { Pause: some })
  const role = ['pause', 'web1', '--why', 'x', '--socket', part.socket, '--role', 'web', '--for', '49711d']
  t.match((await runCli(role)).err, /before that: drover resume web1 'file:\/srv\/a b' service:web\n$/)
  t.match(part.asked, [{ request: { seconds: 2 ** 32 - 1 } }], 'more than the field holds stays too long')
  t.match(await runCli([...words, '--for', 'ever']), {
    code: 64,
    err: /takes a duration, got "ever"\nhint: such as 30m/,
  })
  t.equal(
    (await runCli(['pause', 'web1', '--for', '2h', '--socket', socket])).code,
    64,
    'a pause has a reason',
  )
  t.match(await runCli(['resume', 'web1', '--socket', socket]), { code: 0, out: 'web1 goes on\n' })
  t.match(await runCli(['revoke', 'web1', '--why', 'sold', '--socket', socket]), {
    code: 0,
    out: /web1 is revoked/,
  })
  t.match(asked.at(-1), { method: 'Revoke', request: { host: 'web1', reason: 'sold' } })
})

t.test('facts now, and as they were', async (t) => {
  const { socket, asked } = await cannedMaster(t, {
    GetFacts: { facts: bytesOf({ os: 'debian' }), since: 1 },
  })
  t.same(JSON.parse((await runCli(['facts', 'web1', '--socket', socket])).out), {
    version: '1.0',
    os: 'debian',
  })
  await runCli(['facts', 'web1', '--at', '2026-03-01T14:00:00Z', '--socket', socket])
  t.same(
    asked.map(({ request }) => request.at),
    [0, Date.parse('2026-03-01T14:00:00Z')],
  )
  t.equal(pastTime('2h', 10 * HOUR_MS), 8 * HOUR_MS)
  const { TZ = 'UTC' } = process.env
  t.teardown(() => Object.assign(process.env, { TZ }))
  process.env.TZ = 'Asia/Tokyo'
  t.equal(pastTime('2026-03-01', Date.now()), Date.parse('2026-03-01T00:00:00+09:00'))
  t.equal(pastTime('2026-03-01T14:00', Date.now()), Date.parse('2026-03-01T14:00:00+09:00'))
  for (const word of ['yesterday', '2026-13-01', '1', ''])
    t.throws(() => pastTime(word, Date.now()), { name: 'Usage' }, word)
  t.throws(() => pastTime('2999-01-01', Date.now()), /in the future/)
})

t.test('a backup is checked, is one’s own, and overwrites nothing', async (t) => {
  const dir = t.testdir()
  const source = join(dir, 'source.db')
  const db = new Database(source)
  db.exec('create table t (x); insert into t values (1)')
  db.close()
  const bytes = readFileSync(source)
  const pieces = (whole: Buffer) =>
    function* () {
      for (let at = 0; at < whole.length; at += 1000) yield { data: whole.subarray(at, at + 1000) }
    }
  const { socket } = await cannedMaster(t, { Backup: pieces(bytes) })
  const file = join(dir, 'copy.db')
  t.match(await runCli(['backup', file, '--socket', socket]), { code: 0, out: /copy\.db: 0\.0 MB, whole\n/ })
  t.same(readFileSync(file), bytes)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(readFileSync(`${file}.sha256`, 'utf8'), /^[0-9a-f]{64} {2}copy\.db\n$/)
  t.throws(() => statSync(`${file}.part`))
  const before = statSync(file).mtimeMs
  t.match(await runCli(['backup', file, '--socket', socket]), {
    code: 1,
    err: /copy\.db: this file is there already/,
  })
  t.equal(statSync(file).mtimeMs, before)

  const cut = await cannedMaster(t, { Backup: pieces(bytes.subarray(0, 5000)) })
  const none = join(dir, 'cut.db')
  t.match(await runCli(['backup', none, '--socket', cut.socket]), { code: 1, err: /the copy is not whole/ })
  const broken = await cannedMaster(t, {
    *Backup() {
      yield { data: bytes.subarray(0, 1000) }
      throw new Failure('unavailable', 'the disk is full')
    },
  })
  t.match(await runCli(['backup', none, '--socket', broken.socket]), {
    code: 1,
    err: /^error: the disk is full/,
  })
  for (const path of [none, `${none}.part`, `${none}.sha256`]) t.throws(() => statSync(path), path)
})

const CODES: readonly FailureCode[] = [
  'invalid',
  'not-found',
  'conflict',
  'denied',
  'unauthenticated',
  'exhausted',
  'unavailable',
  'timeout',
  'internal',
]
for (const code of CODES) {
  t.test(`the master says ${code}: exits 1, with its words and its hint`, async (t) => {
    const said = new Failure(code, `it is ${code}`, { about: 'wéb1', hint: 'do this' })
    const { socket } = await cannedMaster(t, { ListHosts: said })
    const { code: exit, out, err } = await runCli(['hosts', '--socket', socket])
    t.same({ exit, out }, { exit: 1, out: '' })
    // Its own deadline and that of the call are told in the same words.
    if (code !== 'timeout') t.equal(err, `error: wéb1: it is ${code}\nhint: do this\n`)
  })
}

t.test('no master here, one that is gone, one that is older, and one that says nothing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const at = (name: string) => join(dir, name)
  t.match(await runCli(['hosts', '--socket', at('none')]), {
    code: 1,
    err: /none: no master runs here\nhint: .*systemctl status drover-master/,
  })
  writeFileSync(at('stale'), '')
  t.match(await runCli(['hosts', '--socket', at('stale')]), {
    code: 1,
    err: /stale: the master does not answer: .*\nhint: does it run\?/,
  })
  const older = await cannedMaster(t, {})
  t.match(await runCli(['hosts', '--socket', older.socket]), {
    code: 1,
    err: /the master knows no ListHosts\nhint: it is of another version/,
  })

  const silent = createServer((connection) => t.teardown(() => connection.destroy()))
  await new Promise<void>((resolve) => silent.listen(at('silent'), resolve))
  t.teardown(() => silent.close())
  const place = { kind: 'socket', path: at('silent') } as const
  const slow = openOperator(place, { connectMs: 200, callMs: 200 }).then((operator) =>
    operator.call('ListHosts', {}).finally(() => operator.close()),
  )
  await t.rejects(slow, { code: 'timeout' })
})

t.test('where the master is: the flag, then DROVER_SERVER, then the identity', async (t) => {
  const { socket } = await cannedMaster(t, { ListHosts: { hosts: [hostRow('a')] } })
  const home = t.testdir()
  const env = { HOME: home, DROVER_SERVER: `unix:${socket}` }
  t.equal((await runCli(['hosts', '-o', 'name'], { env })).out, 'a\n')
  t.match(await runCli(['hosts', '--socket', '/nowhere/s'], { env }), {
    err: /\/nowhere\/s: no master runs here/,
  })
  const remote = { HOME: home, DROVER_SERVER: 'master.example:7440' }
  t.match(await runCli(['hosts'], { env: remote }), {
    code: 1,
    err: /you have not joined as an operator\nhint: .*drover join/,
  })
})

t.test(
  'a shell completes with the hosts and roles of the master, and with none where it does not answer',
  async (t) => {
    const { socket } = await cannedMaster(t, { ListHosts: { hosts: [hostRow('web1'), hostRow('db1')] } })
    const env = { HOME: t.testdir(), DROVER_SERVER: `unix:${socket}` }
    const complete = async (words: string[], more = env) =>
      (await runCli(['complete', '--', ...words], { env: more })).out
    t.equal(await complete(['plan', '']), 'words\nweb1\tweb\ndb1\tweb\n')
    t.equal(await complete(['plan', 'web1', 'd']), 'words\ndb1\tweb\n')
    t.equal(await complete(['hosts', '--role', '']), 'words\nweb\t\n')
    t.equal(await complete(['assign', 'web1', 'web', '']), 'words\nweb\t\n')
    t.equal(await complete(['show', ''], { ...env, DROVER_SERVER: 'unix:/nowhere' }), 'words\n')
  },
)

t.test('times for people', async (t) => {
  const at = (ms: number) => agoText(1_000_000_000_000 - ms, 1_000_000_000_000)
  t.same([0, 500, 59_000, 60_000, 3_599_000, 47 * HOUR_MS, 48 * HOUR_MS, -2 * HOUR_MS].map(at), [
    'now',
    'now',
    '59 s ago',
    '1 min ago',
    '59 min ago',
    '47 h ago',
    '2 d ago',
    'in 2 h',
  ])
  t.equal(agoText(0, 5), 'never')
})

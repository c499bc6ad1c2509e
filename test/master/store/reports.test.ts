import t from 'tap'
import { sha256 } from '../../../lib/sha256.ts'
import { LONGER, repairTimes } from '../../../master/store/repairs.ts'
import { changed, DAY_MS, failed, idOf, join1, makeStore, NOW, planned, report } from './make-store.ts'

t.test('a report is stored with its run, its changes and its body', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const origins = [
    { role: 'web', file: 'roles/web/role.yaml', line: 3 },
    { role: 'base', file: 'b.yaml', line: 1 },
  ]
  const catalog = new TextEncoder().encode(JSON.stringify({ resources: [{ id: 'file:/a', origins }] }))
  const catalog_sha256 = await store.bodies.put({ bytes: catalog, at: NOW })
  const previews = ['-as it was\n+new', '-other\n+y'].map((diff) => ({ diff }))
  const unit = { ...changed('file:/a'), previews }
  const one = report(host, 'one', [unit, failed('file:/b')], { catalog_sha256 })
  one.circumstances.requested_by = 'anna'
  t.equal(await store.runs.record(one), 'recorded')
  t.match(await store.runs.get(idOf('one')), { host_id: host, changed: 1, failed: 1, commit: 'c0ffee' })
  t.match(await store.runs.beginning(idOf('one').slice(0, 8)), [{ run_id: idOf('one') }])
  t.same(Buffer.from((await store.bodies.get(one.head.body_sha256)) ?? []), Buffer.from(one.body))
  const everything = { hostId: host, since: 0, until: NOW + 1, limit: 10 }
  t.match(await store.runs.changes(everything), [
    { resource: 'file:/b', status: 'failed', reason: 'it did not work', diff: '', origin: '' },
    {
      resource: 'file:/a',
      status: 'changed',
      changes: '[{"field":"content","from":"as it was","to":"new"}]',
      diff: '-as it was\n+new\n-other\n+y',
      origin: 'web  roles/web/role.yaml:3, base  b.yaml:1',
      commit: 'c0ffee',
      requested_by: 'anna',
    },
  ])
  t.match(await store.hosts.get(host), { run_id: idOf('one'), changed: 1, failed: 1, last_seen_at: NOW })
})

t.test('a report counts once, however often it comes', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const one = report(host, 'one', [changed('file:/a')], { unchanged_runs: 3, dropped_reports: 2 })
  const answers = await Promise.all([1, 2, 3].map(() => store.runs.record(one)))
  t.same(answers.sort(), ['already', 'already', 'recorded'])
  t.equal(await store.runs.record(one), 'already')
  t.match(await store.runs.counts({ hostId: host, limit: 5 }), [{ runs: 3, day_at: NOW - (NOW % DAY_MS) }])
  t.match(await store.hosts.get(host), { dropped_reports: 2 })
  t.equal((await store.runs.changes({ hostId: host, since: 0, until: NOW + 1, limit: 10 })).length, 1)
})

t.test('a host has the catalog of its newest run, unless that one was refused', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const [first, second, third] = ['a', 'b', 'c'].map((letter) => letter.repeat(64))
  const has = async () => (await store.hosts.get(host))?.catalog_sha256
  await store.runs.record(report(host, '2', [], { at: NOW - 20, catalog_sha256: second ?? null }))
  t.equal(await has(), second)
  await store.runs.record(report(host, '1', [], { at: NOW - 30, catalog_sha256: first ?? null }))
  t.equal(await has(), second, 'an older run says nothing of now')
  const problem = { code: 'conflict', reason: 'too new', hint: null } as const
  await store.runs.record(report(host, '3', [], { at: NOW - 10, catalog_sha256: third ?? null, problem }))
  t.equal(await has(), second, 'a refused catalog is not enforced')
})

t.test('a run that was told of drift says something of those it looked at, and of no others', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const drift = { trigger: 'drift' } as const
  const check = { kind: 'check' } as const
  const open = async () => (await store.drift.open({ limit: 10 })).map(({ resource }) => resource)
  await store.runs.record(
    report(host, '1', [planned('file:/a'), planned('file:/b'), planned('file:/c')], {
      ...check,
      at: NOW - 50,
    }),
  )
  const settled = { id: 'file:/b', status: 'settled' }
  await store.runs.record(report(host, '2', [changed('file:/a'), settled], { ...drift, at: NOW - 40 }))
  t.same(await open(), ['file:/c'])
  t.match(await store.hosts.get(host), { run_id: idOf('1'), planned: 3, last_seen_at: NOW - 40 })
  await store.runs.record(report(host, '3', [planned('file:/d')], { ...drift, ...check, at: NOW - 30 }))
  t.same(await open(), ['file:/c', 'file:/d'])
  t.equal((await store.runs.changes({ hostId: host, since: 0, until: NOW, limit: 9 })).length, 1)
  await store.runs.record(report(host, '4', [], { at: NOW - 20 }))
  t.same(await open(), [], 'a run over all says so of all')
})

t.test('the id of a run belongs to one body and one host', async (t) => {
  const store = await makeStore(t)
  const [host, other] = [await join1(store), await join1(store, 'web2')]
  await store.runs.record(report(host, 'one', [changed('file:/a')]))
  await t.rejects(store.runs.record(report(host, 'one', [changed('file:/b')])), { code: 'conflict' })
  await t.rejects(store.runs.record(report(other, 'one', [changed('file:/a')])), { code: 'conflict' })
  t.match(await store.hosts.get(other), { run_id: null })
})

t.test(
  'what differs opens with a check, keeps its beginning, and closes with the apply that settles it',
  async (t) => {
    const store = await makeStore(t)
    const host = await join1(store)
    const check = { kind: 'check' as const }
    await store.runs.record(
      report(host, '1', [planned('file:/a'), planned('file:/b')], { ...check, at: NOW - 50 }),
    )
    await store.runs.record(
      report(host, '2', [planned('file:/a', 'newer'), planned('file:/b')], { ...check, at: NOW - 40 }),
    )
    t.match(await store.drift.open({ limit: 10 }), [
      {
        name: 'web1',
        resource: 'file:/a',
        since: NOW - 50,
        last_seen_at: NOW - 40,
        changes: /newer/,
        run_id: idOf('2'),
      },
      { resource: 'file:/b', since: NOW - 50 },
    ])
    t.match(await store.drift.counts(), [{ host_id: host, drifted: 2 }])
    await store.runs.record(
      report(host, '3', [changed('file:/a'), failed('file:/b', 'left')], { at: NOW - 30 }),
    )
    t.match(await store.drift.open({ limit: 10 }), [
      { resource: 'file:/b', since: NOW - 50, changes: /left/ },
    ])
    await store.runs.record(report(host, '4', [], { at: NOW - 20 }))
    t.same(await store.drift.open({ limit: 10 }), [], 'what a whole run does not mention is in order')
    await store.runs.record(report(host, '5', [planned('file:/b')], { ...check, at: NOW - 10 }))
    t.match(
      await store.drift.open({ limit: 10 }),
      [{ since: NOW - 10 }],
      'it is another drift when it comes back',
    )
  },
)

t.test('what differed at a time, and what began to since, can be asked', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const check = { kind: 'check' as const }
  await store.runs.record(report(host, '1', [planned('file:/a')], { ...check, at: NOW - 50 }))
  await store.runs.record(
    report(host, '2', [planned('file:/a'), planned('file:/b')], { ...check, at: NOW - 40 }),
  )
  await store.runs.record(report(host, '3', [changed('file:/a'), failed('file:/b', 'x')], { at: NOW - 30 }))
  const at = async (time: number) =>
    (await store.drift.at({ hostIds: [host], at: time, limit: 9 })).map(({ resource }) => resource)
  t.same(await at(NOW - 51), [])
  t.same(await at(NOW - 50), ['file:/a'])
  t.same(await at(NOW - 31), ['file:/a', 'file:/b'])
  t.same(await at(NOW - 30), ['file:/b'], 'it was put right then')
  t.same(await store.drift.at({ hostIds: ['another'], at: NOW, limit: 9 }), [])
  await store.runs.record(report(host, '4', [planned('file:/a')], { ...check, at: NOW - 20 }))
  const began = await store.drift.began({ since: NOW - 45, limit: 9 })
  t.match(began, [
    { resource: 'file:/a', since: NOW - 20, settled_at: null },
    { resource: 'file:/b', since: NOW - 40, settled_at: NOW - 20 },
  ])
  const [first, second] = await store.drift.began({ since: 0, limit: 9 })
  t.match([first, second], [{ settled_at: NOW - 30 }, { resource: 'file:/a', since: NOW - 20 }])
  const after = { name: 'web1', resource: 'file:/a', since: NOW - 50 }
  t.match(await store.drift.began({ since: 0, after, limit: 1 }), [{ since: NOW - 20 }])
})

t.test('which catalog a host had applied at a time stays known, whatever it changed', async (t) => {
  let now = NOW
  const store = await makeStore(t, { now: () => now })
  const host = await join1(store)
  const run = (name: string, at: number, catalog: string, more: object = {}) =>
    store.runs.record(report(host, name, [], { at: NOW + at, catalog_sha256: catalog.repeat(64), ...more }))
  await run('1', 10, 'a')
  await run('2', 20, 'a')
  await run('a check', 25, 'b', { kind: 'check' })
  await run('3', 30, 'b')
  await run('refused', 35, 'c', { problem: { code: 'invalid', reason: 'no', hint: null } })
  await run('4', 40, 'b')
  await run('5', 50, 'a')
  now = NOW + 8 * DAY_MS
  await store.retain()
  const kept = await store.runs.list({ hostId: host, limit: 9 })
  t.same(
    kept.map(({ run_id }) => run_id),
    ['5', 'refused', '3', '1'].map(idOf),
    'what told nothing new is in the counter alone',
  )
  const applied = async (at: number) => (await store.runs.applied({ hostId: host, at: NOW + at }))?.run_id
  t.equal(await applied(9), undefined)
  t.equal(await applied(10), idOf('1'))
  t.equal(await applied(29), idOf('1'))
  t.equal(await applied(49), idOf('3'), 'neither a check nor a refused catalog was applied')
  t.equal(await applied(DAY_MS), idOf('5'))
})

t.test('what nobody could look at stays as it was', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  await store.runs.record(report(host, '1', [planned('file:/a'), planned('file:/b')], { at: NOW - 50 }))
  await store.runs.record(
    report(host, '2', [failed('file:/a'), { id: 'file:/b', status: 'skipped', because: 'file:/a' }], {
      at: NOW - 40,
    }),
  )
  t.equal((await store.drift.open({ limit: 10 })).length, 2)
  const problem = { code: 'timeout' as const, reason: 'apt was busy', hint: null }
  await store.runs.record(report(host, '3', [], { at: NOW - 30, problem }))
  t.equal(
    (await store.drift.open({ limit: 10 })).length,
    2,
    'a run that did not come to its end settles nothing',
  )
  t.match(await store.hosts.get(host), { run_problem: 'apt was busy' })
})

t.test('reports in any order come to the same', async (t) => {
  const reports = (host: string) => [
    report(host, '1', [planned('file:/a'), planned('file:/b')], { at: NOW - 40, kind: 'check' }),
    report(host, '2', [changed('file:/a'), changed('file:/b')], { at: NOW - 30 }),
    report(host, '3', [planned('file:/b', 'again')], { at: NOW - 20, kind: 'check' }),
    report(host, '4', [planned('file:/b', 'again'), planned('file:/c')], { at: NOW - 10, kind: 'check' }),
  ]
  const store = await makeStore(t)
  const orders = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [3, 3, 0, 2, 0, 1],
    [1, 3, 0, 2, 2],
  ]
  for (const [i, order] of orders.entries()) {
    const host = await join1(store, `web${i}`)
    // An id is once in the world, so each host has its own.
    const own = reports(host).map((one) => ({
      ...one,
      head: { ...one.head, run_id: idOf(`${i} ${one.head.run_id}`) },
    }))
    for (const n of order) await store.runs.record(own[n] as (typeof own)[number])
    const drift = await store.drift.open({ hostIds: [host], limit: 10 })
    t.same(
      drift.map(({ resource }) => resource),
      ['file:/b', 'file:/c'],
      order.join(),
    )
    t.match(await store.hosts.get(host), { run_started_at: NOW - 10, planned: 2 })
    t.equal((await store.runs.list({ hostId: host, limit: 10 })).length, 4)
  }
})

t.test('a clock that is ahead does not hide the runs that follow', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const ahead = report(host, '1', [planned('file:/a')], { at: NOW })
  await store.runs.record({ ...ahead, head: { ...ahead.head, started_at: NOW + 90 * DAY_MS } })
  t.match(await store.runs.get(idOf('1')), { started_at: NOW })
  await store.runs.record(report(host, '2', [], { at: NOW + 1 }))
  t.same(await store.drift.open({ limit: 10 }), [])
})

t.test('what can not be read is refused, and leaves nothing', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const bodies = [
    '',
    'no',
    '[]',
    '{"outcomes":{}}',
    '{"outcomes":[{"id":1,"status":"changed"}]}',
    '{"outcomes":[{"status":"changed"}]}',
  ]
  for (const text of bodies) {
    const body = new TextEncoder().encode(text)
    const one = report(host, text, [])
    const head = { ...one.head, body_sha256: sha256(body) }
    await t.rejects(store.runs.record({ ...one, body, head }), { code: 'invalid' }, text)
    t.equal(await store.runs.get(head.run_id), undefined)
  }
  const other = report(host, 'x', [changed('file:/a')])
  await t.rejects(store.runs.record({ ...other, body: new Uint8Array(3) }), { code: 'invalid' })
  await t.rejects(store.runs.record(report(idOf('nobody'), 'y', [])), { code: 'not-found' })
})

t.test('names that mean something elsewhere are names here', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const names = ['__proto__', 'constructor', "'; drop table runs; --", 'file:/\u001b[31m', 'file:/\u202e']
  await store.runs.record(
    report(
      host,
      '1',
      names.map((id) => planned(id)),
    ),
  )
  t.same(new Set((await store.drift.open({ limit: 10 })).map((row) => row.resource)), new Set(names))
  t.match(await store.drift.open({ limit: 1 }), [{ origin: '' }])
})

t.test('an agent of another version may say more, and words that nobody knows yet', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const more = [
    { ...changed('file:/a'), mood: 'good' },
    { id: 'file:/b', status: 'postponed' },
  ]
  t.equal(await store.runs.record(report(host, '1', more)), 'recorded')
  t.equal((await store.runs.changes({ hostId: host, since: 0, until: NOW + 1, limit: 9 })).length, 1)
})

t.test('pages follow each other without a gap, and without a row twice', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  for (let i = 0; i < 7; i++)
    await store.runs.record(
      report(host, `${i}`, [changed('file:/a'), changed('file:/b')], { at: NOW - (i >> 1) }),
    )
  const seen = []
  for (let before: { received_at: number; run_id: string } | undefined; ; ) {
    const rows = await store.runs.list({ hostId: host, limit: 2, ...(before && { before }) })
    before = rows.at(-1)
    if (before === undefined) break
    seen.push(...rows.map(({ run_id }) => run_id))
  }
  t.equal(new Set(seen).size, 7)
  t.equal(seen.length, 7)
  const places = new Set<string>()
  for (let before: { at: number; run_id: string; place: number } | undefined; ; ) {
    const rows = await store.runs.changes({
      hostId: host,
      since: 0,
      until: NOW + 1,
      limit: 3,
      ...(before && { before }),
    })
    before = rows.at(-1)
    if (before === undefined) break
    for (const { run_id, place } of rows) places.add(`${run_id} ${place}`)
  }
  t.equal(places.size, 14)
})

t.test('what a host says is contested is so until it says otherwise', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const fight = {
    ...{ id: 'file:/often', since: NOW - 1000, times: 9, lastAt: NOW, nextAt: NOW + 1000 },
    known: ['it changes content'],
  }
  const tell = (run: string, at: number, contested?: unknown[]) =>
    store.runs.record(report(host, run, [changed('file:/often')], { at, ...(contested && { contested }) }))
  await tell('r1', NOW, [{ ...fight, times: 8 }, fight])
  t.match(await store.contested.list({ limit: 10 }), [
    { host_id: host, resource: 'file:/often', times: 9, known: '["it changes content"]' },
  ])
  await tell('r0', NOW - 5000)
  t.equal(
    (await store.contested.list({ hostIds: [host], limit: 10 })).length,
    1,
    'a late report says nothing of now',
  )
  await tell('r2', NOW + 1000)
  t.same(await store.contested.list({ limit: 10 }), [])
  await t.rejects(tell('r3', NOW + 2000, [{ ...fight, known: ['x'.repeat(301)] }]), { code: 'invalid' })
})

t.test(
  'how fast what was heard of was put right is counted by type and hour, and forgotten but for the sum',
  async (t) => {
    let now = NOW
    const store = await makeStore(t, { now: () => now })
    const host = await join1(store)
    const resources = ['file:/a', 'user:x'].map((id) => ({ id, origins: [] }))
    const catalog = new TextEncoder().encode(JSON.stringify({ resources }))
    const drift = {
      trigger: 'drift',
      catalog_sha256: await store.bodies.put({ bytes: catalog, at: NOW }),
    } as const
    const after = (id: string, latencyMs: number) => ({ ...changed(id), latencyMs })
    await store.runs.record(report(host, '1', [after('file:/a', 120), after('user:x', 700)], drift))
    await store.runs.record(report(host, '2', [after('file:/a', 1e15), changed('user:x')], drift))
    await store.runs.record(report(host, '2', [after('file:/a', 1e15), changed('user:x')], drift))
    t.same(await store.repairs.since({ at: NOW }), [
      { type: 'file', within_ms: 150, repairs: 1, ms: 120 },
      { type: 'file', within_ms: LONGER, repairs: 1, ms: 7 * DAY_MS },
      { type: 'user', within_ms: 750, repairs: 1, ms: 700 },
    ])
    t.same(repairTimes(await store.repairs.since({ at: NOW })), [
      { type: 'file', repairs: 2, p50Ms: 150, p99Ms: LONGER },
      { type: 'user', repairs: 1, p50Ms: 750, p99Ms: 750 },
    ])
    t.same(await store.repairs.since({ at: NOW + 3_600_000 }), [])
    now += 8 * DAY_MS
    await store.retain()
    t.same(await store.repairs.since({ at: 3_600_000 }), [], 'hours are kept for a week')
    t.equal((await store.repairs.ever()).length, 3)
  },
)

t.test('what is known of the time before a drift comes with its changes', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  const evidence = [{ at: NOW - 5, kind: 'sudo', text: 'sudo by anna ran /usr/bin/vim' }]
  await store.runs.record(report(host, '1', [changed('file:/a')], { trigger: 'drift', evidence }))
  await store.runs.record(report(host, '2', [planned('file:/b')], { kind: 'check', evidence, at: NOW + 1 }))
  const told = JSON.stringify(evidence)
  t.match(await store.runs.get(idOf('1')), { evidence: told })
  t.match(await store.runs.changes({ hostId: host, since: 0, until: NOW + 9, limit: 9 }), [
    { evidence: told },
  ])
  t.match(await store.drift.open({ limit: 9 }), [{ resource: 'file:/b', evidence: told }])
})

import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { type AgentParts, openAgent } from '../../agent/agent.ts'
import { openFights } from '../../agent/fights.ts'
import { openJournal } from '../../agent/journal.ts'
import { CONTESTED, CONTESTED_FIRST_MS, DRIFT_GATHER_MS } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import { catalogOf, partsOf, QUICK, WordHost } from '../helpers/agent-parts.ts'
import { makePki, SmallMaster } from '../helpers/small-master.ts'

const PKI = await makePki()
const FILES = ['file:/etc/a', 'file:/etc/b'] as const
const spooledIn = (stateDir: string) =>
  readdirSync(join(stateDir, 'spool')).filter((name) => /\.(run|sent)$/.test(name))

/** A master that is there, and a host whose agent can be started and stopped. */
async function setUp(t: Test, more: Partial<AgentParts> = {}) {
  const master = new SmallMaster(PKI)
  await master.start()
  t.teardown(() => master.stop())
  const stateDir = t.testdir({})
  const host = new WordHost()
  const parts = partsOf(PKI, master.address, host, { atOnce: true, ...more })
  const start = (now: Partial<AgentParts> = {}) => {
    const agent = openAgent({ stateDir, servers: null }, { ...parts, ...now })
    t.teardown(() => agent.close(0))
    return agent
  }
  return { master, stateDir, host, start, lines: parts.lines }
}

t.test('fetches its catalog, converges, and its report is at the master once', async (t) => {
  const { master, host, start } = await setUp(t)
  const sha256 = master.declare(catalogOf(FILES))
  host.off.add('file:/etc/a')
  const agent = start()
  await master.until(() => master.rows.size === 1)
  const [row] = master.rows.values()
  t.match(row?.head, {
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_CATALOG',
    catalog_sha256: sha256,
    counts: { settled: 1, changed: 1 },
    request_id: '',
  })
  t.match(JSON.parse(String(row?.body)), { outcomes: [{ id: 'file:/etc/a', status: 'changed' }] })
  t.equal(row?.times, 1)
  t.same(master.facts.map(String), ['{"hostname":"h"}'])
  t.match(master.heard[0]?.hello, { version: '1.2.3', boot_id: 'boot', catalog_sha256: '' })
  await agent.settled()
  t.match(
    agent.status(),
    /^master there; catalog \w{8}; watching 2 resources in \d+ directories; last run: 1 changed, 0 failed, 0 due$/,
  )
})

t.test('what it hears of is looked at by itself, and a run is made where it differs', async (t) => {
  const { master, host, start } = await setUp(t)
  const dir = t.testdir({ a: '', b: '' })
  const [a, b] = [`file:${dir}/a`, `file:${dir}/b`] as const
  master.declare(catalogOf([a, b]))
  const agent = start()
  await master.until(() => master.rows.size === 1)
  await agent.settled()
  const drifted = () => [...master.rows.values()].filter(({ head }) => head.trigger === 'RUN_TRIGGER_DRIFT')

  host.off.add(a).add(b)
  writeFileSync(join(dir, 'a'), 'x')
  await master.until(() => drifted().length === 1)
  t.match(drifted()[0]?.head, { kind: 'RUN_KIND_APPLY', counts: { changed: 1, settled: 0 } })
  const [repaired] = JSON.parse(String(drifted()[0]?.body)).outcomes
  t.ok(repaired.latencyMs >= DRIFT_GATHER_MS, 'and how long that took, from when it was heard of')
  t.same([...host.off], [b], 'what nothing was heard of is left to the sweep')
  t.equal(host.looks, 1)

  writeFileSync(join(dir, 'a'), 'as it should be')
  while (host.looks < 2) await after(10)
  await agent.settled()
  t.equal(drifted().length, 1, 'where nothing differs no run is made, and nothing is told')

  master.say({ mode: { mode: 'MODE_AUDIT', until: 0, reason: '', by: 'anna' } })
  await master.until(() => [...master.rows.values()].some(({ head }) => head.kind === 'RUN_KIND_CHECK'))
  await agent.settled()
  host.off.add(a)
  writeFileSync(join(dir, 'a'), 'y')
  await master.until(() => drifted().length === 2)
  t.match(drifted()[1]?.head, { kind: 'RUN_KIND_CHECK', counts: { planned: 1 }, fingerprint: '' })
  writeFileSync(join(dir, 'a'), 'z')
  while (host.looks < 4) await after(10)
  host.off.delete(a)
  writeFileSync(join(dir, 'a'), 'as it should be')
  await master.until(() => drifted().length === 3)
  t.match(
    drifted()[2]?.head,
    { counts: { planned: 0, settled: 1 } },
    'the same again is not told, its end is',
  )
  t.same(JSON.parse(String(drifted()[2]?.body)).outcomes, [{ id: a, status: 'settled' }])
})

t.test('what another hand changes again and again is put right ever more slowly, and said', async (t) => {
  const { master, host, start, lines, stateDir } = await setUp(t)
  const dir = t.testdir({ a: '', b: '' })
  const [a, b] = [`file:${dir}/a`, `file:${dir}/b`] as const
  master.declare(catalogOf([a, b]))
  const agent = start()
  await master.until(() => master.rows.size === 1)
  await agent.settled()
  const drifted = () => [...master.rows.values()].filter(({ head }) => head.trigger === 'RUN_TRIGGER_DRIFT')
  const [{ times }] = CONTESTED
  for (let i = 1; i <= times; i += 1) {
    host.off.add(a)
    writeFileSync(join(dir, 'a'), `${i}`)
    await master.until(() => drifted().length === i)
  }
  const fight = JSON.parse(String(drifted().at(-1)?.body)).contested[0]
  t.match(fight, { id: a, times, known: [/^it changes x$/, /^it left the same/, /^it wrote .* uid \d+$/] })
  t.ok(fight.nextAt >= fight.lastAt + CONTESTED_FIRST_MS)
  t.match(agent.status(), /1 contested/)
  t.equal(lines.filter((line) => /msg=contested/.test(line) && line.includes(a)).length, 1)

  host.off.add(a).add(b)
  writeFileSync(join(dir, 'a'), 'again')
  writeFileSync(join(dir, 'b'), 'x')
  await master.until(() => drifted().length === times + 1)
  t.same([...host.off], [a], 'others are put right at once, and this one is left alone for a while')

  await agent.close(1000)
  writeFileSync(join(dir, 'a'), 'again')
  const again = openFights(stateDir, { now: Date.now, began: () => undefined, ended: () => undefined })
  t.match(again.list(), [{ id: a, times }], 'it is known after a restart')
  t.ok(again.wait(a) > 0)
  again.close()
})

t.test('an agent that ends tells what the master would not take at first', async (t) => {
  const { master, host, start, stateDir } = await setUp(t)
  let refusals = 0
  const refused = new Promise<void>((resolve) => {
    master.hooks.before = () => {
      refusals += 1
      if (refusals > 2) return
      resolve()
      throw { code: status.UNAVAILABLE, details: 'behind' }
    }
  })
  master.declare(catalogOf(FILES))
  host.off.add('file:/etc/a')
  const agent = start()
  await refused
  await agent.close(20_000)
  t.equal(refusals, 3)
  t.equal(master.rows.size, 1)
  t.same(spooledIn(stateDir), [])
})

t.test('an agent that ends waits for a master that never answers as long as it may', async (t) => {
  const { master, start, stateDir } = await setUp(t, { times: { ...QUICK, callMs: 600_000 } })
  const asked = new Promise<void>((resolve) => {
    master.hooks.before = () => {
      resolve()
      return new Promise(() => undefined)
    }
  })
  master.declare(catalogOf(FILES))
  const agent = start()
  await asked
  await agent.close(100)
  t.match(spooledIn(stateDir), [/\.sent$/], 'and the next one tells it')
})

t.test('enforces its last catalog from its start, without a master; reports come later, once', async (t) => {
  const { master, host, start } = await setUp(t)
  master.declare(catalogOf(FILES))
  const first = start()
  await master.until(() => master.rows.size === 1)
  await first.close(1000)
  master.stop()

  host.off.add('file:/etc/b')
  const agent = start({ times: { ...QUICK, sweepMs: 50 } })
  await agent.met
  await agent.settled()
  t.equal(host.off.size, 0, 'drift is repaired while the master is away')
  const runs = host.runs.length
  await master.start()
  await master.until(() => [...master.rows.values()].some(({ head }) => head.counts?.changed === 1))
  const changed = [...master.rows.values()].filter(({ head }) => head.counts?.changed === 1)
  t.same(
    changed.map(({ head, times }) => [head.trigger, times]),
    [['RUN_TRIGGER_BOOT', 1]],
  )
  t.ok(host.runs.length >= runs, 'it goes on looking')
})

t.test('runs without a change are counted, not kept one by one, while the master is away', async (t) => {
  const { master, host, start, stateDir } = await setUp(t)
  master.declare(catalogOf(FILES))
  const agent = start({ times: { ...QUICK, sweepMs: 20 } })
  await master.until(() => master.rows.size === 1)
  master.stop()
  const before = host.runs.length
  const waitFor = async (test: () => boolean) => {
    while (!test()) await agent.settled().then(() => new Promise((resolve) => setImmediate(resolve)))
  }
  await waitFor(() => host.runs.length >= before + 10)
  t.ok(readdirSync(join(stateDir, 'spool')).filter((name) => /run|sent/.test(name)).length <= 3)
  await master.start()
  const counted = () => [...master.rows.values()].reduce((sum, { head }) => sum + 1 + head.unchanged_runs, 0)
  await master.until(() => counted() >= before + 10)
  await agent.close(1000)
  t.ok(master.rows.size < host.runs.length / 2, `${host.runs.length} runs in ${master.rows.size} rows`)
  t.ok(counted() <= host.runs.length, 'and none is counted twice')
})

t.test('an operator has it check and apply, and refuse where the plan has moved', async (t) => {
  const { master, host, start } = await setUp(t)
  master.mode = { mode: 'MODE_AUDIT', until: 0, reason: 'new here', by: 'anna' }
  const catalog_sha256 = master.declare(catalogOf(FILES))
  host.off.add('file:/etc/a')
  start()
  const order = { catalog_sha256, fingerprint: '' }
  const check = await master.order({ ...order, request_id: '1', kind: 'RUN_KIND_CHECK' })
  t.equal(check.problem, null)
  const plan = master.rows.get(check.run_id)?.head
  t.match(plan, { request_id: '1', trigger: 'RUN_TRIGGER_REQUEST', counts: { planned: 1 } })
  t.ok(plan?.fingerprint, 'a plan has a fingerprint')
  t.ok(
    master.heard.some(({ progress }) => progress?.request_id === '1' && progress.total === 2),
    'progress was told',
  )
  t.ok(host.off.size, 'in audit mode it changes nothing by itself')

  host.off.add('file:/etc/b')
  const moved = await master.order({
    ...order,
    fingerprint: plan?.fingerprint ?? '',
    request_id: '2',
    kind: 'RUN_KIND_APPLY',
  })
  t.match(moved.problem, { code: 'conflict', reason: /no longer what it was/ })
  t.match(master.rows.get(moved.run_id)?.head, { counts: { planned: 2 }, problem: { code: 'conflict' } })
  t.equal(host.off.size, 2, 'nothing was changed')

  host.off.delete('file:/etc/b')
  const done = await master.order({
    ...order,
    fingerprint: plan?.fingerprint ?? '',
    request_id: '3',
    kind: 'RUN_KIND_APPLY',
  })
  t.equal(done.problem, null)
  t.match(master.rows.get(done.run_id)?.head.counts, { changed: 1 })
  t.match(
    await master.order({ ...order, request_id: '3', kind: 'RUN_KIND_APPLY' }),
    { run_id: done.run_id },
    'the same order again is the same run',
  )
  t.match(
    await master.order({ ...order, catalog_sha256: 'f'.repeat(64), request_id: '4', kind: 'RUN_KIND_CHECK' }),
    { run_id: '', problem: { code: 'conflict' } },
    'an order about another catalog is refused',
  )
})

t.test(
  'paused, it does nothing by itself and refuses to apply, through a restart, until the end',
  async (t) => {
    const { master, host, start } = await setUp(t)
    master.mode = { mode: 'MODE_PAUSED', until: Date.now() + 1500, reason: 'a migration', by: 'anna' }
    const catalog_sha256 = master.declare(catalogOf(FILES))
    host.off.add('file:/etc/a')
    const first = start()
    const order = { catalog_sha256, fingerprint: '', request_id: '1', kind: 'RUN_KIND_APPLY' } as const
    t.match((await master.order(order)).problem, {
      code: 'conflict',
      reason: /paused until .* by anna: a migration/,
    })
    const check = await master.order({ ...order, request_id: '2', kind: 'RUN_KIND_CHECK' })
    t.match(master.rows.get(check.run_id)?.head.counts, { planned: 1 }, 'it may look')
    await first.close(1000)
    master.stop()
    const agent = start()
    t.match(agent.status(), /paused/)
    t.ok(host.off.size)
    master.mode = { mode: 'MODE_ENFORCE', until: 0, reason: '', by: '' }
    while (host.off.size > 0) await new Promise((resolve) => setTimeout(resolve, 50))
    t.pass('when the pause ends, it converges without a master')
  },
)

t.test('resources that are paused are left alone through a restart, each until its own end', async (t) => {
  const { master, host, start } = await setUp(t)
  const [a, b] = FILES
  const until = Date.now() + 2500
  const of = { since: 1, reason: 'a test', by: 'anna' }
  master.mode = {
    resources: [
      { ...of, resource: a, until, at_end: 'PAUSE_END_REVERT' },
      { ...of, resource: b, until, at_end: 'PAUSE_END_SHOW' },
    ],
  }
  const catalog_sha256 = master.declare(catalogOf(FILES))
  host.off.add(a).add(b)
  const first = start()
  const order = { catalog_sha256, fingerprint: '', request_id: '1', kind: 'RUN_KIND_APPLY' } as const
  const done = await master.order(order)
  const row = master.rows.get(done.run_id)
  t.match(row?.head.counts, { planned: 2, changed: 0 })
  t.match(JSON.parse(String(row?.body)).outcomes, [
    { id: a, paused: { by: 'anna', reason: 'a test', until, isOver: false } },
    { id: b },
  ])
  t.match(first.status(), /2 resources paused/)
  await first.close(1000)
  master.stop()
  const agent = start()
  while (host.off.has(a)) await after(50)
  t.ok(Date.now() >= until - 100, 'it ends in its time, without a master')
  await agent.settled()
  t.same([...host.off], [b], 'and what is to stay so stays')
  t.match(agent.status(), /1 resource paused/)
})

t.test('a hundred triggers in a second make at most two runs', async (t) => {
  // What this master has said on a connection that breaks is not said again.
  const { master, host, start } = await setUp(t, { times: { ...QUICK, keepaliveMs: 60_000 } })
  const catalog_sha256 = master.declare(catalogOf(FILES))
  start()
  await master.until(() => master.rows.size === 1)
  let open = () => {}
  host.gate = new Promise((resolve) => {
    open = resolve
  })
  const before = host.runs.length
  const ids = Array.from({ length: 100 }, (_, i) => `${i}`)
  const orders = ids.map((request_id) =>
    master.order({ request_id, kind: 'RUN_KIND_CHECK', catalog_sha256, fingerprint: '' }),
  )
  await master.until(() => master.heard.filter(({ received }) => received).length === ids.length)
  open()
  const ends = await Promise.all(orders)
  t.ok(host.runs.length - before <= 2, `${host.runs.length - before} runs`)
  t.equal(new Set(ends.map(({ run_id }) => run_id)).size, 2, 'and each order is answered')
})

t.test('an order that is cancelled ends after the resource under way, or before it began', async (t) => {
  const { master, host, start } = await setUp(t)
  const catalog_sha256 = master.declare(catalogOf(FILES))
  const agent = start()
  await master.until(() => master.rows.size === 1)
  await agent.settled()
  host.gate = new Promise(() => {})
  const order = { kind: 'RUN_KIND_APPLY', catalog_sha256, fingerprint: '' } as const
  const first = master.order({ ...order, request_id: '1' })
  const second = master.order({ ...order, request_id: '2' })
  while (host.runs.length < 2) await new Promise((resolve) => setImmediate(resolve))
  const heard = (id: string) => master.heard.some(({ received }) => received?.request_id === id)
  await master.until(() => heard('1') && heard('2'))
  t.equal(host.runs.length, 2, 'both are heard of, whichever runs')
  master.say({ cancel: { request_id: '2' } })
  t.match((await second).problem, { reason: /cancelled before it began/ })
  master.say({ cancel: { request_id: '1' } })
  const ended = await first
  t.match(ended.problem, { reason: /ended before its end/ })
  t.match(master.rows.get(ended.run_id)?.head.counts, { skipped: 2 })
})

t.test('waits for another run of drover on the host, and says so', async (t) => {
  const { master, host, start, stateDir } = await setUp(t)
  const catalog_sha256 = master.declare(catalogOf(FILES))
  const agent = start()
  await master.until(() => master.rows.size === 1)
  await agent.settled()
  const other = openJournal(stateDir)
  const ended = master.order({ request_id: '1', kind: 'RUN_KIND_CHECK', catalog_sha256, fingerprint: '' })
  await master.until(() => master.heard.some(({ progress }) => /another run/.test(progress?.waiting ?? '')))
  t.equal(host.runs.length, 1)
  other.finish(new Set())
  t.equal((await ended).problem, null)
})

t.test('a catalog that needs a newer agent is refused, said once, and the last good one stays', async (t) => {
  const { master, host, start } = await setUp(t)
  const good = master.declare(catalogOf(FILES))
  const agent = start()
  await master.until(() => master.rows.size === 1)
  await agent.settled()
  master.declare(catalogOf(FILES.slice(0, 1)), { min: '2.0.0' })
  await master.until(() => master.rows.size === 2)
  t.match([...master.rows.values()].at(-1)?.head, {
    trigger: 'RUN_TRIGGER_CATALOG',
    problem: { code: 'conflict', reason: /needs drover 2\.0\.0, and this is 1\.2\.3/, hint: /update drover/ },
  })
  const check = await master.order({
    request_id: '1',
    kind: 'RUN_KIND_CHECK',
    catalog_sha256: '',
    fingerprint: '',
  })
  t.equal(master.rows.get(check.run_id)?.head.catalog_sha256, good)
  master.declare(catalogOf([...FILES, 'quantum:x' as never]))
  await master.until(() =>
    [...master.rows.values()].some(({ head }) => /quantum/.test(head.problem?.reason ?? '')),
  )
  t.equal(host.runs.length, 2)
})

t.test('a run that its secrets keep from beginning is reported all the same', async (t) => {
  const { master, host, start } = await setUp(t)
  master.declare(catalogOf(FILES, { secrets: { 'app/key': 'v1' } }))
  start()
  await master.until(() => master.rows.size === 1)
  t.match([...master.rows.values()][0]?.head, {
    trigger: 'RUN_TRIGGER_CATALOG',
    problem: { code: 'not-found', reason: /app\/key/ },
  })
  t.same(host.runs, [])
})

t.test('content and catalog that the disk has changed are fetched again', async (t) => {
  const { master, start, stateDir } = await setUp(t)
  const content = Buffer.from('text\n'.repeat(100))
  master.blobs.set(sha256(content), content)
  const digest = master.declare(catalogOf(FILES, { blobs: { [sha256(content)]: content.length } }))
  const dir = join(stateDir, 'catalog')
  const damage: [string, (agent: () => void) => void][] = [
    ['a flipped bit in the catalog', () => writeFileSync(join(dir, `${digest}.catalog`), 'x')],
    ['a torn record', () => writeFileSync(join(dir, 'current'), 'abc')],
    [
      'flipped content',
      () => writeFileSync(join(dir, 'blobs', sha256(content)), Buffer.alloc(content.length)),
    ],
    ['short content', () => writeFileSync(join(dir, 'blobs', sha256(content)), 'text')],
  ]
  const first = start()
  await master.until(() => master.rows.size === 1)
  await first.close(1000)
  for (const [what, hurt] of damage) {
    hurt(() => {})
    const agent = start()
    await agent.met
    await agent.settled()
    await agent.close(1000)
    const { readFileSync } = await import('node:fs')
    t.equal(sha256(readFileSync(join(dir, 'blobs', sha256(content)))), sha256(content), what)
    t.equal(sha256(readFileSync(join(dir, `${digest}.catalog`))), digest, what)
  }
})

t.test('a transfer that broke goes on where it was', async (t) => {
  const { master, start, stateDir } = await setUp(t)
  const content = Buffer.from('0123456789')
  master.blobs.set(sha256(content), content)
  const agent = start()
  await agent.met
  writeFileSync(join(stateDir, 'catalog', 'blobs', `${sha256(content)}.part`), '01234')
  master.declare(catalogOf(FILES, { blobs: { [sha256(content)]: content.length } }))
  await master.until(() => master.rows.size === 1)
  t.ok(master.asked.includes(`blob ${sha256(content).slice(0, 8)} from 5`))
})

t.test('a report that the master refuses keeps no other waiting', async (t) => {
  const { master, host, start, stateDir } = await setUp(t)
  const { status } = await import('@grpc/grpc-js')
  let refused = ''
  master.hooks.before = ({ run_id }) => {
    if (refused === '' || refused === run_id) {
      refused = run_id
      throw { code: status.INVALID_ARGUMENT, details: 'no' }
    }
  }
  host.off.add('file:/etc/a')
  master.declare(catalogOf(FILES))
  const agent = start()
  await master.until(() => refused !== '')
  await agent.settled()
  host.off.add('file:/etc/b')
  await master.order({ request_id: '1', kind: 'RUN_KIND_APPLY', catalog_sha256: '', fingerprint: '' })
  t.equal(master.rows.size, 1)
  t.same(
    [...master.rows.values()].map(({ head }) => head.dropped_reports),
    [1],
    'the next one tells of the loss',
  )
  t.match(readdirSync(join(stateDir, 'spool', 'aside')), [refused])
})

t.test('a master that takes connections and says nothing holds nobody up', async (t) => {
  const { master, host, start, lines } = await setUp(t)
  master.declare(catalogOf(FILES))
  const first = start()
  await master.until(() => master.rows.size === 1)
  await first.close(1000)
  master.mute = true
  host.off.add('file:/etc/a')
  const agent = start()
  await agent.met
  await agent.settled()
  t.equal(host.off.size, 0, 'the host is converged meanwhile')
  t.match(lines.join(''), /no welcome within 1000 ms/)
  await master.until(() => master.connects >= 3)
  t.equal(agent.stuck(), null)
  master.mute = false
  await master.until(() => master.rows.size === 2)
})

t.test('one that does not even speak TLS is left in time', async (t) => {
  const left: Promise<unknown>[] = []
  const silent = createServer((socket) => {
    left.push(once(socket.on('error', () => undefined).resume(), 'close'))
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as { port: number }
  const { master, start, lines } = await setUp(t)
  master.declare(catalogOf(FILES))
  start({ addresses: [`127.0.0.1:${port}`, master.address] })
  await master.until(() => master.rows.size === 1)
  t.match(lines.join(''), /no welcome within 1000 ms/, 'and the next address is tried')
  await Promise.all(left)
  t.ok(left.length, 'no socket is left behind')
})

t.test('a second agent on the same state is refused', async (t) => {
  const { start } = await setUp(t)
  start()
  t.throws(() => start(), { code: 'unavailable', message: /another agent/ })
})

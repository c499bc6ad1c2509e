import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { openLog } from '../../lib/log.ts'
import { sha256 } from '../../lib/sha256.ts'
import { openMaster } from '../../master/master.ts'
import { openWorld, type Peer, type World } from '../helpers/master-world.ts'

type Value = Record<string, unknown>
type Answer = (order: { request_id: string; kind: string; fingerprint: string }) => Promise<object>

const agentOf = ({ connect, master, hosts }: World, name: string) =>
  connect('Agent', master.main, hosts.get(name)?.pair ?? null)

/** An agent that answers each order as it is told, over the real wire. */
async function openAgent(peer: Peer, answer: Answer) {
  const stream = peer.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  const serve = async () => {
    for (let served = 0; ; served += 1) {
      const nth = () => stream.values.filter(({ message }) => message === 'run')[served]
      await stream.until(() => nth() !== undefined)
      const { run } = nth() as { run: Parameters<Answer>[0] }
      stream.write({ progress: { request_id: run.request_id, done: 1, total: 2, resource: 'file:/x' } })
      stream.write({ finished: { request_id: run.request_id, ...(await answer(run)) } })
    }
  }
  serve().catch(() => undefined)
  return stream
}

/** Reports a run with such a plan, and names it. */
async function reported(peer: Peer, request_id: string, kind: string, fingerprint: string): Promise<object> {
  const body = Buffer.from(JSON.stringify({ outcomes: [], owed: [] }))
  const head = {
    run_id: randomUUID(),
    request_id,
    kind,
    fingerprint,
    trigger: 'RUN_TRIGGER_REQUEST',
    started_at: Date.now(),
    counts: { planned: fingerprint === '' ? 0 : 1 },
    body_sha256: sha256(body),
    body_bytes: body.length,
  }
  const { code, details } = await peer.call('PutReport', { head }, { data: body })
  if (code !== status.OK) throw new Error(details)
  return { run_id: head.run_id }
}

const resultsOf = (values: readonly Value[]) =>
  values.flatMap(({ result }) =>
    result ? [result as { host: string; run: Value | null; problem: Value | null }] : [],
  )
const endedOf = (values: readonly Value[]) =>
  (values.at(-1)?.ended as { fingerprint: string } | null)?.fingerprint

t.test(
  'a plan of all hosts names them together, and an apply of it gives each host its own part',
  async (t) => {
    const world = await openWorld(t, { hosts: ['a', 'b', 'c'], operators: { anna: 'deployer' } })
    const orders: string[] = []
    for (const name of ['a', 'b']) {
      const peer = agentOf(world, name)
      await openAgent(peer, ({ request_id, kind, fingerprint }) => {
        orders.push(`${name} ${kind} ${fingerprint}`)
        if (kind === 'RUN_KIND_APPLY' && name === 'b') {
          return Promise.resolve({ problem: { code: 'conflict', reason: 'the plan has moved', hint: '' } })
        }
        return reported(peer, request_id, kind, kind === 'RUN_KIND_APPLY' ? '' : `${name.repeat(8)}-x7Qk`)
      })
    }
    const anna = world.connect('Operator', world.master.main, world.operators.get('anna') ?? null)
    const plan = await anna.call('Run', { selection: { all: true }, kind: 'RUN_KIND_CHECK' })
    t.equal(plan.code, status.OK)
    t.match(plan.values[0], { started: { hosts: ['a', 'b', 'c'] } }, 'who takes part comes first')
    t.match(
      plan.values.find(({ progress }) => progress),
      { progress: { done: 1, total: 2, resource: 'file:/x' } },
    )
    const results = resultsOf(plan.values)
    t.match(results.find(({ host }) => host === 'a')?.run, {
      requested_by: 'anna',
      head: { fingerprint: 'aaaaaaaa-x7Qk' },
    })
    t.match(
      results.find(({ host }) => host === 'c')?.problem,
      { code: 'unavailable' },
      'who is not there is a result too',
    )
    const fingerprint = endedOf(plan.values)
    t.match(fingerprint, /^[0-9a-f]{8}-/)

    orders.length = 0
    const apply = await anna.call('Run', { kind: 'RUN_KIND_APPLY', plan: fingerprint })
    t.strictSame(orders.sort(), ['a RUN_KIND_APPLY aaaaaaaa-x7Qk', 'b RUN_KIND_APPLY bbbbbbbb-x7Qk'])
    t.match(
      resultsOf(apply.values).find(({ host }) => host === 'b')?.problem,
      { code: 'conflict' },
      'b refuses, a does not',
    )
    t.equal(endedOf(apply.values), '')

    orders.length = 0
    const fewer = await anna.call('Run', {
      kind: 'RUN_KIND_APPLY',
      plan: fingerprint,
      selection: { hosts: ['a'] },
    })
    t.equal(fewer.code, status.OK)
    t.strictSame(orders, ['a RUN_KIND_APPLY aaaaaaaa-x7Qk'])
    const outside = await anna.call('Run', {
      kind: 'RUN_KIND_APPLY',
      plan: fingerprint,
      selection: { hosts: ['c'] },
    })
    t.equal(outside.code, status.INVALID_ARGUMENT)
    t.equal((await anna.call('Run', { kind: 'RUN_KIND_APPLY', plan: '00000000' })).code, status.NOT_FOUND)
    t.equal(
      (await anna.call('Run', { kind: 'RUN_KIND_CHECK', selection: { hosts: ['aa'] } })).code,
      status.NOT_FOUND,
    )

    const audit = await world.local.call('ListAudit', {})
    const rows = (audit.values[0] as { rows: { actor: string; method: string; result: string }[] }).rows
    const runs = rows
      .filter(({ method }) => method === 'Run')
      .map(({ actor, result }) => `${actor} ${result}`)
    t.strictSame(runs.reverse(), [
      'anna ok',
      'anna ok',
      'anna ok',
      'anna invalid',
      'anna not-found',
      'anna not-found',
    ])
  },
)

t.test('an agent whose stream breaks is asked again when it is back', async (t) => {
  const world = await openWorld(t)
  const first = await openAgent(agentOf(world, 'a'), () => new Promise(() => undefined))
  const run = world.local.open('Run')
  run.write({ selection: { hosts: ['a'] }, kind: 'RUN_KIND_CHECK' })
  run.half()
  const order = (await first.until(({ message }) => message === 'run')) as { run: { request_id: string } }
  first.cancel()
  const peer = agentOf(world, 'a')
  const asked: string[] = []
  await openAgent(peer, ({ request_id, kind }) => {
    asked.push(request_id)
    return reported(peer, request_id, kind, '')
  })
  const { code, values } = await run.ended
  t.equal(code, status.OK)
  t.strictSame(asked, [order.run.request_id])
  t.match(resultsOf(values), [{ host: 'a', problem: null }])
})

t.test('who asked for a run is known when its report comes to a master that was started anew', async (t) => {
  const world = await openWorld(t, { operators: { anna: 'deployer' } })
  const agent = await openAgent(agentOf(world, 'a'), () => new Promise(() => undefined))
  const anna = world.connect('Operator', world.master.main, world.operators.get('anna') ?? null)
  const run = anna.open('Run')
  run.write({ selection: { hosts: ['a'] }, kind: 'RUN_KIND_APPLY' })
  run.half()
  const order = (await agent.until(({ message }) => message === 'run')) as { run: { request_id: string } }
  await world.close(0)

  const log = openLog(
    () => undefined,
    () => '',
    'logfmt',
  )
  const again = { now: Date.now, newId: randomUUID, log, version: '0.0.0', shippedRoles: null }
  const master = await openMaster(world.settings, again)
  const peers: Peer[] = []
  t.teardown(async () => {
    for (const peer of peers) peer.close()
    await master.close(100)
  })
  const report = async (name: string, request_id: string) => {
    const peer = world.connect('Agent', master.main, world.hosts.get(name)?.pair ?? null)
    peers.push(peer)
    return reported(peer, request_id, 'RUN_KIND_APPLY', '')
  }
  const [asked, forged, made] = [
    await report('a', order.run.request_id),
    await report('b', order.run.request_id),
    await report('a', randomUUID()),
  ] as { run_id: string }[]
  const local = world.connect('Operator', `unix:${world.settings.socket}`, null)
  peers.push(local)
  const { values } = await local.call('ListRuns', {})
  const { runs } = values[0] as { runs: { requested_by: string; head: { run_id: string } }[] }
  const byOf = (one: { run_id: string } | undefined) =>
    runs.find(({ head }) => head.run_id === one?.run_id)?.requested_by
  t.equal(byOf(asked), 'anna')
  t.equal(byOf(forged), '', 'a request of another host')
  t.equal(byOf(made), '', 'a request that nobody made')
})

t.test('who stops waiting for a check calls it off, and an apply goes on', async (t) => {
  const world = await openWorld(t)
  const agent = await openAgent(agentOf(world, 'a'), () => new Promise(() => undefined))
  const ask = async (kind: string) => {
    const asked = agent.values.length
    const run = world.local.open('Run')
    run.write({ selection: { hosts: ['a'] }, kind })
    run.half()
    await agent.until((value) => agent.values.indexOf(value) >= asked && value.message === 'run')
    run.cancel()
    await run.ended
  }
  await ask('RUN_KIND_APPLY')
  await ask('RUN_KIND_CHECK')
  await agent.until(({ message }) => message === 'cancel')
  const cancels = agent.values.filter(({ message }) => message === 'cancel')
  const [, check] = agent.values.filter(({ message }) => message === 'run') as {
    run: { request_id: string }
  }[]
  t.match(cancels, [{ cancel: { request_id: check?.run.request_id } }])
  t.equal(cancels.length, 1)
})

t.test('a host that follows twice is followed once', async (t) => {
  const world = await openWorld(t)
  const first = await openAgent(agentOf(world, 'a'), () => new Promise(() => undefined))
  const second = await openAgent(agentOf(world, 'a'), () => new Promise(() => undefined))
  t.equal((await first.ended).code, status.ALREADY_EXISTS)
  const pause = { host: 'a', mode: 'MODE_PAUSED', seconds: 60, reason: 'work on the disk' }
  t.equal((await world.local.call('Pause', pause)).code, status.OK)
  const isPaused = ({ mode }: Value) => (mode as { mode: string } | null)?.mode === 'MODE_PAUSED'
  t.match(await second.until(isPaused), { mode: { by: 'local', reason: 'work on the disk' } })
  t.equal((await world.local.call('Resume', { host: 'a' })).code, status.OK)
  await second.until(({ mode }) => (mode as { mode: string } | null)?.mode === 'MODE_ENFORCE')
})

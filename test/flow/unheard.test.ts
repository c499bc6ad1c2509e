import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  CALL_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  KEEPALIVE_TIMEOUT_MS,
  ORDER_HEARD_TIMEOUT_MS,
} from '../../lib/limits.ts'
import { QUICK } from '../helpers/agent-parts.ts'
import type { AgentProcess } from '../helpers/agent-process.ts'
import { openWorld } from '../helpers/master-world.ts'
import { openProxy } from '../helpers/toxic-proxy.ts'

const SITE = {
  'drover.yaml': 'name: test\n',
  'hosts.yaml': 'hosts:\n  a: { roles: [a] }\n',
  'roles/a/role.yaml': 'resources:\n  - file: /etc/a\n    content: a\n',
}

// As patient as a real one, and back at once when its connection is broken.
const TIMES = {
  ...QUICK,
  connectMs: CONNECT_TIMEOUT_MS,
  callMs: CALL_TIMEOUT_MS,
  keepaliveMs: 5000,
  keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
}

t.setTimeout(120_000)

type Run = { requested_by: string; head: { request_id: string; trigger: string; kind: string } }
type Result = { problem: { code: string; reason: string } | null; run: Run | null }

/** A real master, and an agent that is a process of its own, behind a network that can be cut. */
async function setUp(t: Test) {
  const world = await openWorld(t, { hosts: ['a'], site: SITE })
  const pair = world.hosts.get('a')?.pair
  if (pair === undefined) throw new Error('the host has not joined')
  const proxy = await openProxy(t, world.master.main)
  const dir = mkdtempSync(join(tmpdir(), 'drover-agent-'))
  const given: AgentProcess = {
    ...pair,
    stateDir: join(dir, 'agent'),
    address: proxy.address,
    roots: world.roots,
    killAt: 0,
    times: TIMES,
    effects: join(dir, 'effects'),
    stays: true,
  }
  // tap would load its own hooks into it.
  const argv = ['--unset=NODE_OPTIONS', process.execPath, 'dist/test/helpers/agent-process.js']
  const child = spawn('env', argv, { stdio: ['pipe', 'inherit', 'inherit'] })
  t.teardown(async () => {
    await end(child)
    rmSync(dir, { recursive: true, force: true })
  })
  child.stdin?.end(JSON.stringify(given))
  const host = async () => {
    const { values } = await world.local.call('GetHost', { name: 'a' })
    return (values[0] as { host: { connected: boolean; status: string } }).host
  }
  const runs = async (trigger: string) => {
    const { values } = await world.local.call('ListRuns', { host: 'a', page_size: 100, page_token: '' })
    return (values[0] as { runs: Run[] }).runs.filter(({ head }) => head.trigger === trigger)
  }
  const connected = async (is: boolean) => {
    while ((await host()).connected !== is) await after(200)
  }
  const order = async (kind: string) => {
    const began = performance.now()
    const { values } = await world.local.call('Run', { selection: { hosts: ['a'] }, kind })
    const result = values.find(({ result }) => result)?.result as Result
    return { ...result, ms: performance.now() - began }
  }
  await connected(true)
  while ((await runs('RUN_TRIGGER_CATALOG')).length === 0) await after(200)
  return { proxy, child, host, runs, connected, order }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

t.test('a host that says nothing is not reached, and what it was asked is run once or not', async (t) => {
  const { child, host, runs, connected, order } = await setUp(t)
  child.kill('SIGSTOP')
  t.match(await host(), { connected: true, status: 'HOST_STATUS_IN_SYNC' }, 'nobody knows yet')
  const { problem, run, ms } = await order('RUN_KIND_APPLY')
  t.match(problem, { code: 'unavailable', reason: /has not answered within 8 s.*may still be applied/ })
  t.equal(run, null)
  t.ok(ms >= ORDER_HEARD_TIMEOUT_MS && ms < 3 * ORDER_HEARD_TIMEOUT_MS, `after ${Math.round(ms)} ms`)
  t.match(await host(), { connected: false, status: 'HOST_STATUS_STALE' })
  t.match(await order('RUN_KIND_CHECK'), { problem: { reason: 'the host is not connected' } })
  child.kill('SIGCONT')
  // What the kernel had kept for it is read first, so it does what it was asked and comes back.
  await connected(true)
  while ((await runs('RUN_TRIGGER_REQUEST')).length === 0) await after(200)
  const second = await order('RUN_KIND_APPLY')
  t.equal(second.problem, null, 'it is asked as before')
  const asked = await runs('RUN_TRIGGER_REQUEST')
  t.match(asked, [{ requested_by: 'local' }, { requested_by: 'local' }])
  t.equal(asked.length, 2, 'each order is run once')
})

t.test('a host that is cut off is not reached, and is not asked again when it is back', async (t) => {
  const { proxy, host, runs, connected, order } = await setUp(t)
  proxy.make({ upstream: 'is lost', downstream: 'is lost' })
  const { problem, ms } = await order('RUN_KIND_CHECK')
  t.match(problem, { code: 'unavailable', reason: /has not answered within 8 s: it was sent$/ })
  t.ok(ms < 3 * ORDER_HEARD_TIMEOUT_MS, `after ${Math.round(ms)} ms`)
  t.equal((await host()).connected, false)
  proxy.heal()
  await connected(true)
  const again = await order('RUN_KIND_CHECK')
  t.equal(again.problem, null)
  const asked = await runs('RUN_TRIGGER_REQUEST')
  t.strictSame(
    asked.map(({ head }) => head.request_id),
    [again.run?.head.request_id],
  )
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { readIdentity } from '../../agent/identity.ts'
import { operatorService } from '../../proto/services.ts'
import { run } from '../bed/run.ts'
import { waitFor } from '../bed/wait.ts'
import { QUICK } from '../helpers/agent-parts.ts'
import type { AgentProcess } from '../helpers/agent-process.ts'
import { BUNDLE, openFleet } from '../helpers/fleet.ts'
import { Peer } from '../helpers/master-world.ts'
import { openProxy } from '../helpers/toxic-proxy.ts'
import { writeSite } from '../master/write-site.ts'

/**
 * A master and an agent, each a process of its own, of which one is stopped by SIGSTOP around a report or an order and
 * goes on when every deadline of the other is over: the run is made once, told once, and nothing is left over.
 */
t.setTimeout(300_000)

const TIMES = { ...QUICK, connectMs: 20_000, callMs: 4000, keepaliveMs: 1500, keepaliveTimeoutMs: 3000 }
// Longer than a call may take, and than a connection without a word is kept.
const PAUSE_MS = 7000
// As long as a word is on its way: time enough to stop who is to hear it.
const LATENCY_MS = 1000
const LIMIT_MS = 60_000
const SITE = {
  'drover.yaml': 'name: test\n',
  'hosts.yaml': 'hosts:\n  h: { roles: [a] }\n',
  'roles/a/role.yaml': 'description: One file.\nresources:\n  - file: /etc/a\n    content: a\n',
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const held = await waitFor(async () => (await holds()) || null, { timeoutMs: LIMIT_MS, everyMs: 20 })
  if (held === null) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
}

type Run = { readonly head: { readonly trigger: string; readonly counts: { readonly changed: number } } }

/** A host that has joined and made its first run; the network between it and its master can be made slow. */
async function setUp(t: Test) {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const site = join(dir, 'site')
  writeSite(site, SITE)
  const master = await openFleet('127.0.0.1', site)
  t.teardown(() => master.close())
  const proxy = await openProxy(t, /\bmain=(\S+)/.exec(master.log())?.[1] ?? '')
  const [stateDir, effects, token] = [join(dir, 'agent'), join(dir, 'effects'), join(dir, 'token')]
  writeFileSync(token, (await master.drover(['invite', 'h'])).stdout, { mode: 0o600 })
  await run([process.execPath, BUNDLE, 'join', '--token-file', token, '--state', stateDir])
  const identity = readIdentity(join(stateDir, 'identity'))
  if (identity === null) throw new Error(`the host has not joined:\n${master.log()}`)
  const { key, chain, roots } = identity
  const given = { stateDir, address: proxy.address, effects, key, chain, roots, killAt: 0, stays: true }
  const start = (): ChildProcess => {
    // tap would load its own hooks into it.
    const argv = ['--unset=NODE_OPTIONS', process.execPath, 'dist/test/helpers/agent-process.js']
    const child = spawn('env', argv, { stdio: ['pipe', 'ignore', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    child.stdin?.end(JSON.stringify({ ...given, times: TIMES } satisfies AgentProcess))
    return child
  }
  const local = new Peer(operatorService, `unix:${join(master.state, 'master.sock')}`, null, roots, {})
  t.teardown(() => local.close())
  const recorded = async (which: (run: Run['head']) => boolean) => {
    const { values } = await local.call('ListRuns', { host: 'h', page_size: 100, page_token: '' })
    return (values[0] as { runs: Run[] }).runs.filter(({ head }) => which(head)).length
  }
  const world = {
    ...{ master, proxy, local, start, recorded },
    changed: () => recorded(({ counts }) => counts.changed > 0),
    made: () => readFileSync(effects, 'utf8').trimEnd().split('\n').length,
    spooled: () => readdirSync(join(stateDir, 'spool')).filter((name) => /\.(run|sent)$/.test(name)),
  }
  const first = start()
  await until('its first run is told', async () => (await world.changed()) === 1)
  await look(t, world, first, 1)
  return world
}

type World = Readonly<{
  changed(): Promise<number>
  made(): number
  spooled(): string[]
}>

/** Every run that was made is told, once, and nothing is left over when the agent has ended. */
async function look(t: Test, { changed, made, spooled }: World, agent: ChildProcess, runs: number) {
  agent.kill('SIGTERM')
  t.same(await once(agent, 'exit'), [0, null], 'the agent ends well')
  t.same(spooled(), [], 'it has told all')
  t.equal(made(), runs, 'each run was made once')
  t.equal(await changed(), runs, 'and the master has each of them once')
}

t.test('a pause', async (t) => {
  const world = await setUp(t)
  const { master, proxy, local, start, recorded, changed, spooled } = world
  let runs = 1

  for (const ends of [false, true]) {
    const and = ends ? ', which is told to end meanwhile' : ''
    await t.test(`of an agent when its report is recorded${and}`, async (t) => {
      proxy.make({ latencyMs: LATENCY_MS })
      const agent = start()
      runs += 1
      await until('it is recorded', async () => (await changed()) === runs)
      agent.kill('SIGSTOP')
      t.equal(spooled().length, 1, 'it has not heard of that yet')
      await after(PAUSE_MS)
      proxy.heal()
      if (ends) agent.kill('SIGTERM')
      agent.kill('SIGCONT')
      if (!ends) await until('it has heard', () => spooled().length === 0)
      await look(t, world, agent, runs)
    })
  }

  await t.test('of a master before it reads a report', async (t) => {
    proxy.make({ latencyMs: LATENCY_MS })
    const agent = start()
    await until('it is on its way', () => spooled().some((name) => name.endsWith('.sent')))
    t.equal(await changed(), runs, 'and not there yet')
    runs += 1
    master.signal('SIGSTOP')
    await after(PAUSE_MS)
    proxy.heal()
    master.signal('SIGCONT')
    await until('it has heard', () => spooled().length === 0)
    await look(t, world, agent, runs)
  })

  await t.test('of a master when its order is being obeyed', async (t) => {
    const agent = start()
    runs += 1
    await until('its first run is told', async () => (await changed()) === runs && spooled().length === 0)
    proxy.make({ latencyMs: LATENCY_MS })
    const order = local.open('Run')
    order.write({ selection: { hosts: ['h'] }, kind: 'RUN_KIND_APPLY' })
    order.half()
    await until('it is being obeyed', () => spooled().length > 0)
    master.signal('SIGSTOP')
    await after(PAUSE_MS)
    proxy.heal()
    master.signal('SIGCONT')
    // Whether the answer came in time for who asked, or is to be looked up.
    t.equal((await order.ended).code, status.OK)
    await until('it has heard', () => spooled().length === 0)
    t.equal(await recorded(({ trigger }) => trigger === 'RUN_TRIGGER_REQUEST'), 1, 'one run came of it')
    await look(t, world, agent, runs)
  })
})

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openAgent } from '../../agent/agent.ts'
import { partsOf, QUICK, WordHost } from '../helpers/agent-parts.ts'
import { openWorld } from '../helpers/master-world.ts'
import { openProxy } from '../helpers/toxic-proxy.ts'

// A tenth of what an agent has: half a second here is what five are on a real network.
const TIMES = {
  ...QUICK,
  connectMs: 4000,
  callMs: 3000,
  keepaliveMs: 1000,
  keepaliveTimeoutMs: 3000,
  sweepMs: 200,
}
const BLOB = randomBytes(300_000).toString('base64')
const SITE = {
  'drover.yaml': 'name: test\n',
  'hosts.yaml': 'hosts:\n  a: { roles: [a] }\n',
  'roles/a/role.yaml': 'resources:\n  - file: /etc/a\n    source: large\n  - file: /etc/b\n    content: b\n',
  'roles/a/files/large': BLOB,
}

t.setTimeout(300_000)

/** A real master, and the agent of one host that reaches it through a network that a test makes bad. */
async function setUp(t: Test) {
  const world = await openWorld(t, { hosts: ['a'], site: SITE })
  const proxy = await openProxy(t, world.master.main)
  const joined = world.hosts.get('a')
  if (joined === undefined) throw new Error('the host has not joined')
  const host = new WordHost()
  const pki = { roots: world.roots, client: joined.pair, server: joined.pair }
  const start = (addresses: readonly string[] = [proxy.address]) => {
    const parts = partsOf(pki, proxy.address, host, {
      addresses,
      atOnce: true,
      times: TIMES,
    })
    const stateDir = mkdtempSync(join(tmpdir(), 'drover-agent-'))
    const agent = openAgent({ stateDir, servers: null }, parts)
    t.teardown(async () => {
      await agent.close(5000)
      rmSync(stateDir, { recursive: true, force: true })
    })
    return agent
  }
  const runs = async () => {
    const { values } = await world.local.call('ListRuns', { host: 'a', page_size: 100, page_token: '' })
    return (values[0] as { runs: { head: { counts: { changed: number } } }[] }).runs
  }
  const changed = async () => (await runs()).filter(({ head }) => head.counts.changed > 0).length
  /** Waits until so many runs have changed something, as the master tells. */
  const reported = async (count: number) => {
    while ((await changed()) < count) await after(100)
    return changed()
  }
  return { world, proxy, host, start, reported }
}

t.test('300 ms of latency slow an agent down, and that is all', async (t) => {
  const { proxy, host, start, reported } = await setUp(t)
  host.off.add('file:/etc/a')
  proxy.make({ latencyMs: 300 })
  start()
  t.equal(await reported(1), 1)
})

t.test('a transfer at 100 kbyte/s lasts as long as it needs', async (t) => {
  const { proxy, host, start, reported } = await setUp(t)
  host.off.add('file:/etc/a')
  proxy.make({ bytesPerSecond: 100_000 })
  const began = performance.now()
  start()
  t.equal(await reported(1), 1)
  t.ok(performance.now() - began > 3000, 'longer than one call may be silent')
})

t.test('connections that are reset amid a transfer cost a part of it', async (t) => {
  const { proxy, host, start, reported } = await setUp(t)
  host.off.add('file:/etc/a')
  proxy.make({ resetAfterBytes: 300_000 })
  start()
  t.equal(await reported(1), 1)
  t.ok(proxy.connections() > 1)
})

for (const way of ['upstream', 'downstream'] as const) {
  t.test(
    `a connection whose ${way} is lost is given up, and the report comes once by the next`,
    async (t) => {
      const { proxy, host, start, reported } = await setUp(t)
      host.off.add('file:/etc/a')
      start()
      await reported(1)
      const before = proxy.connections()
      proxy.make({ [way]: 'is lost' })
      host.off.add('file:/etc/b')
      // It notices by itself, tries again and again, and puts right what drifted meanwhile.
      while (proxy.connections() < before + 2 || host.off.size > 0) await after(50)
      proxy.heal()
      t.equal(await reported(2), 2)
    },
  )
}

t.test('of several addresses one that answers is enough', async (t) => {
  const { proxy, host, start, reported } = await setUp(t)
  host.off.add('file:/etc/a')
  start(['127.0.0.1:1', 'no-such-name.invalid:7440', proxy.address])
  t.equal(await reported(1), 1)
})

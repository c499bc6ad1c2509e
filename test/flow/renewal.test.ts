import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { openAgent } from '../../agent/agent.ts'
import { readIdentity, renewAt, storeRenewed, writeIdentity } from '../../agent/identity.ts'
import { CALL_TIMEOUT_MS, CONNECT_TIMEOUT_MS, KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS } from '../../lib/limits.ts'
import { openStore } from '../../master/store/store.ts'
import { partsOf, QUICK, WordHost } from '../helpers/agent-parts.ts'
import { openWorld } from '../helpers/master-world.ts'

const MINUTE_MS = 60_000
// As patient as a real agent: it is lost for no other reason than its certificate.
const TIMES = {
  ...QUICK,
  connectMs: CONNECT_TIMEOUT_MS,
  callMs: CALL_TIMEOUT_MS,
  keepaliveMs: KEEPALIVE_MS,
  keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
}

t.setTimeout(120_000)

t.test(
  'a running agent renews its certificate and outlives the old one, which then opens nothing',
  async (t) => {
    // It joined half an hour ago for an hour, so that more than a third is over and none of it is past.
    let ahead = -30 * MINUTE_MS
    const world = await openWorld(t, { hosts: ['a'], now: () => Date.now() + ahead })
    ahead = 0
    const joined = world.hosts.get('a')
    if (joined === undefined) throw new Error('the host has not joined')
    const { id, pair } = joined
    const stateDir = mkdtempSync(join(tmpdir(), 'drover-agent-'))
    t.teardown(() => rmSync(stateDir, { recursive: true, force: true }))
    const dir = join(stateDir, 'identity')
    const first = writeIdentity(dir, {
      ...{ name: 'a', ...pair, roots: world.roots, generation: 1, ageIdentity: null },
      ...{ addresses: [world.master.main], enrollment: [] },
    })
    const identity = () => readIdentity(dir) ?? first
    const pki = { roots: world.roots, client: pair, server: pair }
    const parts = partsOf(pki, world.master.main, new WordHost(), {
      times: TIMES,
      atOnce: true,
      // Whom the master refuses waits for two minutes at most; this one is lucky.
      chance: () => 0,
      credentials: identity,
      certificate: {
        generation: () => identity().generation,
        expiresAt: () => identity().expiresAt,
        dueAt: () => renewAt(identity(), 0.5),
        store: ({ certificate_chain: chain, roots, generation }) =>
          void storeRenewed(dir, { chain, roots, generation }),
        recover: () => Promise.reject(new Error('it has not expired')),
      },
    })
    const agent = openAgent({ stateDir, servers: null }, parts)
    t.teardown(() => agent.close(0))
    const said = (what: RegExp) => parts.lines.filter((line) => what.test(line)).length
    const connected = async () => {
      const { values } = await world.local.call('GetHost', { name: 'a' })
      return (values[0] as { host: { connected: boolean } }).host.connected
    }

    while (identity().generation === 1) await after(50)
    t.equal(said(/certificate renewed/), 1)
    t.ok(identity().expiresAt > first.expiresAt)
    t.equal(identity().key, first.key, 'the key stays what it was')
    t.equal(await connected(), true)
    t.equal(said(/master there/), 1, 'by the connection that it has')

    const old = world.connect('Agent', world.master.main, pair)
    t.equal((await old.call('PutFacts', { facts: Buffer.from('{}') })).code, status.OK, 'until its end')
    ahead = first.expiresAt - Date.now() + MINUTE_MS
    while (said(/master there/) < 2) await after(50)
    t.equal(await connected(), true, 'the end of the old one costs it a connection, and no more')
    t.match(await old.call('PutFacts', { facts: Buffer.from('{}') }), {
      code: status.UNAUTHENTICATED,
      details: 'this certificate has expired',
    })
    const anew = world.connect('Agent', world.master.main, pair)
    t.equal((await anew.call('Renew', { generation: 1 })).code, status.UNAUTHENTICATED)

    await agent.close(1000)
    await world.close(1000)
    const store = await openStore(join(world.settings.state, 'master.db'), Date.now)
    t.teardown(() => store.close())
    const host = await store.hosts.get(id)
    t.match(host, { state: 'active', generation: 2, generation_used_at: Number })
    t.equal(host?.certificate_chain, identity().chain)
  },
)

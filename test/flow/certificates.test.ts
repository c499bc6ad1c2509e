import { X509Certificate } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { clockAt, DAY } from '../helpers/authority.ts'
import { openWorld } from '../helpers/master-world.ts'

const HELLO = { hello: { version: '0.1.0', boot_id: 'b', now: Date.now() } }

t.test(
  'a certificate that expires ends its open stream and connection, and is renewed by nobody',
  async (t) => {
    const clock = clockAt(Date.now())
    const world = await openWorld(t, { now: clock.now })
    const pair = world.hosts.get('a')?.pair
    if (pair === undefined) return t.fail('it has joined')
    const agent = world.connect('Agent', world.master.main, pair)
    t.equal((await agent.call('GetCatalog', {})).code, status.NOT_FOUND, 'it is heard, and has none yet')
    const stream = agent.open('Follow')
    stream.write(HELLO)
    await stream.until(() => true)
    const at = Date.now()
    clock.at += DAY
    t.equal((await stream.ended).code, status.UNAUTHENTICATED)
    t.ok(Date.now() - at < 2000, 'within two seconds')
    const { code, details } = await agent.call('GetCatalog', {})
    t.equal(code, status.UNAUTHENTICATED)
    t.equal(details, 'this certificate has expired')
    t.equal((await agent.call('Renew', { generation: 1 })).code, status.UNAUTHENTICATED)
  },
)

t.test('the copy of a host is found at the next renewal, and both are locked out', async (t) => {
  const world = await openWorld(t)
  const host = world.hosts.get('a')
  if (host === undefined) return t.fail('it has joined')
  const original = world.connect('Agent', world.master.main, host.pair)
  const copy = world.connect('Agent', world.master.main, host.pair)
  const renewed = await original.call('Renew', { generation: 1 })
  const again = await original.call('Renew', { generation: 1 })
  t.equal(renewed.code, status.OK)
  t.strictSame(again.values, renewed.values, 'an answer that was lost is given again')

  const chain = String(renewed.values[0]?.certificate_chain)
  const next = world.connect('Agent', world.master.main, { key: host.pair.key, chain })
  const stream = next.open('Follow')
  stream.write(HELLO)
  await stream.until(() => true)
  t.not(new X509Certificate(chain).serialNumber, new X509Certificate(host.pair.chain).serialNumber)
  t.equal((await copy.call('GetCatalog', {})).code, status.NOT_FOUND, 'it is heard, and not known yet')

  t.equal((await copy.call('Renew', { generation: 1 })).code, status.UNAUTHENTICATED, 'it is cut too')
  t.equal((await stream.ended).code, status.UNAUTHENTICATED)
  for (const peer of [original, copy, next]) {
    const { code, details } = await peer.call('GetCatalog', {})
    t.equal(code, status.UNAUTHENTICATED)
    t.match(details, 'this host is locked')
  }
  t.ok(world.lines.some((line) => /level=error .*in use in two places/.test(line)))
  const { values } = await world.local.call('ListAudit', {})
  const { rows } = values[0] as { rows: { actor: string; method: string; subject: string; detail: string }[] }
  const locks = rows.filter(({ method }) => method === 'Lock')
  t.match(locks, [{ actor: 'master', subject: 'a', result: 'ok' }])
  t.equal(locks.length, 1, 'the lock is told once')
  t.match(JSON.parse(String(locks[0]?.detail)), { id: host.id, generation: 2, presented: 1 })
})

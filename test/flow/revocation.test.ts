import { connect } from 'node:tls'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { openWorld, type World } from '../helpers/master-world.ts'

const agentOf = ({ connect, master, hosts }: World, name: string) =>
  connect('Agent', master.main, hosts.get(name)?.pair ?? null)

async function following(world: World, name: string) {
  const stream = agentOf(world, name).open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  return stream
}

t.test('a revoked host is cut off within 2 s, whatever it has open, and does not come back', async (t) => {
  const world = await openWorld(t)
  const stream = await following(world, 'a')
  const other = await following(world, 'b')
  const report = agentOf(world, 'a').open('PutReport')
  report.write({ head: { run_id: 'x' } })
  const slow = agentOf(world, 'a').open('PutReport')
  const at = Date.now()
  t.equal((await world.local.call('Revoke', { host: 'a', reason: 'stolen' })).code, status.OK)
  const [ended, unfinished] = await Promise.all([stream.ended, slow.ended])
  t.ok(Date.now() - at < 2000, `after ${Date.now() - at} ms`)
  t.equal(ended.code, status.UNAUTHENTICATED)
  t.equal(ended.details, 'this host was revoked')
  t.equal(unfinished.code, status.UNAUTHENTICATED, 'a report that is under way too')
  const again = await agentOf(world, 'a').call('PutFacts', { facts: Buffer.from('{}') })
  t.equal(again.code, status.UNAUTHENTICATED, 'on a new connection too')
  t.equal(other.values.length >= 1, true)
  t.equal((await agentOf(world, 'b').call('PutFacts', { facts: Buffer.from('{}') })).code, status.OK)
})

t.test('a certificate that ends while its stream is open ends the stream', async (t) => {
  let ahead = 0
  const world = await openWorld(t, { now: () => Date.now() + ahead })
  const stream = await following(world, 'a')
  const at = Date.now()
  ahead = 2 * 3_600_000
  const ended = await stream.ended
  t.ok(Date.now() - at < 2000, `after ${Date.now() - at} ms`)
  t.equal(ended.code, status.UNAUTHENTICATED)
  t.equal(ended.details, 'this certificate has expired')
  const again = await agentOf(world, 'a').call('PutFacts', { facts: Buffer.from('{}') })
  t.equal(again.code, status.UNAUTHENTICATED, 'and the connection is good for nothing')
})

t.test('a TLS session is not taken back on a later connection', async (t) => {
  const world = await openWorld(t)
  const pair = world.hosts.get('a')?.pair
  const port = Number(world.master.main.split(':')[1])
  const tls = {
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: world.roots,
    key: pair?.key,
    cert: pair?.chain,
  }
  const socket = connect({ ...tls, ALPNProtocols: ['h2'] })
  let session: Buffer | undefined
  socket.on('session', (one) => {
    session = one
  })
  // The master's SETTINGS come behind all that TLS has to say.
  socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'))
  await new Promise((done) => socket.once('data', done))
  t.equal(socket.getProtocol(), 'TLSv1.3')
  socket.destroy()
  const later = connect({ ...tls, ALPNProtocols: ['h2'], ...(session && { session }) })
  await new Promise((done) => later.once('secureConnect', done))
  t.equal(later.isSessionReused(), false)
  later.destroy()
})

t.test('an operator who is removed, or gets another role, is that from the next call on', async (t) => {
  const world = await openWorld(t, { operators: { anna: 'admin', bert: 'viewer' } })
  const peer = (name: string) =>
    world.connect('Operator', world.master.main, world.operators.get(name) ?? null)
  const anna = peer('anna')
  t.equal((await anna.call('ListHosts', {})).code, status.OK)
  await world.local.call('RemoveOperator', { name: 'anna' })
  t.equal((await anna.call('ListHosts', {})).code, status.UNAUTHENTICATED)
  t.equal((await peer('bert').call('ListHosts', {})).code, status.OK)
})

import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as until } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Server } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { serverTls } from '../../../master/serve/tls.ts'
import { clockAt, DAY, newP256, pkcs8, spki, testAuthority } from '../../helpers/authority.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'

async function open(t: Test) {
  const clock = clockAt(Date.now())
  const authority = await testAuthority(join(t.testdir(), 'pki'), clock.now)
  const server = new Server()
  const credentials = serverTls({
    credentials: () => authority.serverCredentials(),
    watch: (changed) => authority.onServerCredentials(changed),
    clientRoots: authority.roots,
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, at) => (error ? reject(error) : resolve(at)))
  })
  t.teardown(() => {
    authority.close()
    server.forceShutdown()
  })
  const agent = async (ttlMs = DAY, by = authority) => {
    const { privateKey, publicKey } = newP256()
    const { chain, expiresAt } = await by.issue({ kind: 'agent', id: ID }, spki(publicKey), Date.now(), ttlMs)
    return { key: pkcs8(privateKey), cert: chain, expiresAt }
  }
  return { authority, clock, port, agent }
}

type Met = { socket: TLSSocket; session: Buffer | null }

/**
 * A connection that has heard the server's first frame: with TLS 1.3 a client is done before the server has looked at
 * its certificate.
 */
async function meet(port: number, roots: string, options: ConnectionOptions): Promise<Met | string> {
  const to = { port, host: '127.0.0.1', servername: 'localhost', ca: roots, ALPNProtocols: ['h2'] }
  const socket = connect({ ...to, ...options })
  let session: Buffer | null = null
  socket.on('session', (one) => {
    session = one
  })
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
  let refusal = 'hung up'
  socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    refusal = code
  })
  const heard = await new Promise<string>((resolve) => {
    socket.once('data', () => resolve('settings'))
    socket.once('close', () => resolve(refusal))
  })
  if (heard === 'settings') return { socket, session }
  socket.destroy()
  return heard
}

t.test('a listener talks TLS 1.3 alone, and to those whom its own authority knows', async (t) => {
  const { authority, port, agent } = await open(t)
  const roots = authority.roots
  const met = await meet(port, roots, await agent())
  if (typeof met === 'string') return t.fail(met)
  t.equal(met.socket.getProtocol(), 'TLSv1.3')
  t.equal(met.socket.authorized, true)
  met.socket.destroy()

  const other = await testAuthority(join(t.testdir(), 'other'))
  other.close()
  t.match(await meet(port, roots, {}), /CERTIFICATE_REQUIRED/)
  t.match(await meet(port, roots, await agent(DAY, other)), /ECONNRESET|UNKNOWN_CA|hung up/)
  t.match(await meet(port, roots, { ...(await agent()), maxVersion: 'TLSv1.2' }), /EPROTO/)
  const { key, chain } = authority.serverCredentials()
  t.match(await meet(port, roots, { key, cert: chain }), /ECONNRESET|UNSUPPORTED_CERTIFICATE|hung up/)
})

t.test(
  'no session outlives its connection, so a certificate that has expired comes in by none',
  async (t) => {
    const { authority, port, agent } = await open(t)
    const short = await agent(2000)
    const first = await meet(port, authority.roots, short)
    if (typeof first === 'string') return t.fail(first)
    const { session } = first
    if (session === null) return t.fail('there is something to try to resume by')
    const again = await meet(port, authority.roots, { ...short, session })
    if (typeof again === 'string') return t.fail(again)
    t.equal(again.socket.isSessionReused(), false)
    again.socket.destroy()

    // Certificates end by OpenSSL's own clock.
    await until(short.expiresAt - Date.now() + 1)
    const late = await meet(port, authority.roots, { ...short, session })
    t.type(late, 'string', String(late))
    first.socket.destroy()
  },
)

t.test(
  'a renewed server certificate is shown to the next connection, and resumes nothing either',
  async (t) => {
    const { authority, clock, port, agent } = await open(t)
    const one = await agent()
    const before = await meet(port, authority.roots, one)
    if (typeof before === 'string') return t.fail(before)
    clock.at += 11 * DAY
    await authority.renew()
    // It is valid from the day that the clock of this test shows.
    const after = await meet(port, authority.roots, { ...one, rejectUnauthorized: false })
    if (typeof after === 'string') return t.fail(after)
    const shown = after.socket.getPeerX509Certificate()?.serialNumber
    t.equal(shown, new X509Certificate(authority.serverCredentials().chain).serialNumber)
    t.not(shown, before.socket.getPeerX509Certificate()?.serialNumber)
    const resumed = await meet(port, authority.roots, {
      ...one,
      rejectUnauthorized: false,
      ...(after.session === null ? {} : { session: after.session }),
    })
    if (typeof resumed === 'string') return t.fail(resumed)
    t.equal(resumed.socket.isSessionReused(), false)
    t.equal(after.socket.getProtocol(), 'TLSv1.3')
    t.match(await meet(port, authority.roots, { rejectUnauthorized: false }), /CERTIFICATE_REQUIRED/)
    for (const { socket } of [before, after, resumed]) socket.destroy()
  },
)

import { X509Certificate } from 'node:crypto'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls'
import { connectivityState, credentials, makeClientConstructor } from '@grpc/grpc-js'
import { Failure } from '../lib/failure.ts'
import { CALL_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from '../lib/limits.ts'
import { certificateDigest } from '../lib/proof.ts'
import { sha256 } from '../lib/sha256.ts'
import { failureOf } from '../proto/failures.ts'
import type { EnrollmentClient } from '../proto/gen/drover/v1/Enrollment.ts'
import type { JoinRequest } from '../proto/gen/drover/v1/JoinRequest.ts'
import type { JoinResponse__Output } from '../proto/gen/drover/v1/JoinResponse.ts'
import { enrollmentService } from '../proto/services.ts'

const EnrollmentService = makeClientConstructor(enrollmentService, 'Enrollment')

/** Whom to believe: a root that is known, or one of which only the SHA-256 of its public key is. */
export type Trusted = { readonly roots: string } | { readonly rootPin: string }

export type Enrolled = { readonly response: JoinResponse__Output; readonly address: string }

/**
 * Asks the enrollment listener, at the first address that answers. `request` is called when it is known whom the
 * connection is to, and is given the SHA-256 of that certificate; nothing is sent before.
 */
export async function enroll(
  addresses: readonly string[],
  trusted: Trusted,
  request: (server: Buffer) => JoinRequest,
): Promise<Enrolled> {
  const reasons: string[] = []
  for (const address of addresses) {
    try {
      const roots = 'roots' in trusted ? trusted.roots : await pinnedRoot(address, trusted.rootPin)
      await verified(address, roots)
      return { response: await ask(address, roots, request), address }
    } catch (error) {
      // An answer is an answer; another address is tried only where there was none.
      if (!(error instanceof Failure) || error.code !== 'unavailable') throw error
      reasons.push(`${address}: ${error.message}`)
    }
  }
  throw new Failure('unavailable', `the master can not be reached: ${reasons.join('; ')}`, {
    hint: 'is the master running, and its enrollment port open to this machine?',
  })
}

/** The root whose pin is known, as the server itself sends it. Nothing is said on this connection. */
async function pinnedRoot(address: string, rootPin: string): Promise<string> {
  const socket = await connected(address, { rejectUnauthorized: false })
  const root = chainOf(socket.getPeerCertificate(true)).find((one) => pinOf(one) === rootPin)
  socket.destroy()
  if (root === undefined) throw notTheMaster(address, 'its root is another')
  return root.toString()
}

/** Nor on this one, which is only to tell why a certificate does not verify: grpc-js does not. */
const verified = async (address: string, roots: string) => (await connected(address, { ca: roots })).destroy()

const notTheMaster = (address: string, why: string) =>
  new Failure('denied', `who answers is not the master that is asked for: ${why}; nothing was sent`, {
    about: address,
    hint: 'is something between this machine and the master, is the join string of another master, or is a clock wrong?',
  })

/** What ends a connection before it is known who is there. */
const IS_AWAY =
  /^E(CONNREFUSED|CONNRESET|CONNABORTED|HOSTUNREACH|NETUNREACH|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE)$/

function connected(
  address: string,
  trust: { ca: string } | { rejectUnauthorized: false },
): Promise<TLSSocket> {
  const { host, port } = partsOf(address)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, minVersion: 'TLSv1.3', ...nameOf(host), ...trust })
    const late = () => socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
    const timer = setTimeout(late, CONNECT_TIMEOUT_MS)
    socket.once('close', () => clearTimeout(timer))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const isAway = IS_AWAY.test(error.code ?? '')
      reject(isAway ? new Failure('unavailable', error.message) : notTheMaster(address, error.message))
    })
    socket.once('secureConnect', () => resolve(socket))
  })
}

/** An address is no name that could be asked for. */
const nameOf = (host: string) => (/^[\d.]+$|:/.test(host) ? {} : { servername: host })

function chainOf(certificate: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  // The last one names itself as its issuer.
  for (let one = certificate; one?.raw && chain.length < 8; one = one.issuerCertificate) {
    chain.push(new X509Certificate(one.raw))
    if (one.issuerCertificate === one) break
  }
  return chain
}

const pinOf = (certificate: X509Certificate) =>
  sha256(certificate.publicKey.export({ type: 'spki', format: 'der' }))

async function ask(
  address: string,
  roots: string,
  request: (server: Buffer) => JoinRequest,
): Promise<JoinResponse__Output> {
  let server: Buffer | null = null
  const context = createSecureContext({ ca: roots, minVersion: 'TLSv1.3' })
  const secured = credentials.createFromSecureContext(context, {
    checkServerIdentity(host, { raw }) {
      server = certificateDigest(raw)
      return checkServerIdentity(host, new X509Certificate(raw).toLegacyObject() as never)
    },
  })
  const target = address.startsWith('[') ? `ipv6:${address}` : address
  const client = new EnrollmentService(target, secured, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  }) as unknown as EnrollmentClient
  try {
    await ready(client)
    if (server === null) throw new Failure('unavailable', 'the connection was lost')
    return await called(client, request(server))
  } finally {
    client.close()
  }
}

/** By the state of the channel: `waitForReady` goes on trying where a first failure is one. */
async function ready(client: EnrollmentClient): Promise<void> {
  const channel = client.getChannel()
  const deadline = Date.now() + CONNECT_TIMEOUT_MS
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return
    if (state === connectivityState.TRANSIENT_FAILURE || Date.now() >= deadline)
      throw new Failure('unavailable', 'the connection was lost')
    await new Promise<void>((wake) => channel.watchConnectivityState(state, deadline, () => wake()))
  }
}

function called(client: EnrollmentClient, request: JoinRequest): Promise<JoinResponse__Output> {
  return new Promise((resolve, reject) => {
    client.join(request, { deadline: Date.now() + CALL_TIMEOUT_MS }, (error, response) => {
      if (error) reject(failureOf(error))
      else resolve(response as JoinResponse__Output)
    })
  })
}

function partsOf(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(at + 1)) }
}

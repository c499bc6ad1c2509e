import { createHash, X509Certificate } from 'node:crypto'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls'
import { credentials, makeClientConstructor } from '@grpc/grpc-js'
import { Failure, reasonOf } from '../lib/failure.ts'
import { CALL_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from '../lib/limits.ts'
import { certificateDigest } from '../lib/proof.ts'
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

/** The root whose pin is known, as the server itself sends it. On this connection nothing is said. */
async function pinnedRoot(address: string, rootPin: string): Promise<string> {
  const socket = await connected(address)
  try {
    const root = chainOf(socket.getPeerCertificate(true)).find((one) => pinOf(one) === rootPin)
    if (root !== undefined) return root.toString()
  } finally {
    socket.destroy()
  }
  throw notThisMaster(address)
}

const notThisMaster = (address: string) =>
  new Failure('denied', 'who answers is not the master that the join string names; nothing was sent', {
    about: address,
    hint: 'is something between this machine and the master, or is the join string of another master?',
  })

function connected(address: string): Promise<TLSSocket> {
  const { host, port } = partsOf(address)
  return new Promise((resolve, reject) => {
    // Whose certificate it is, is looked at by who asked; this connection carries no word.
    const socket = connect({ host, port, minVersion: 'TLSv1.3', rejectUnauthorized: false, ...nameOf(host) })
    const fail = (why: string) => {
      socket.destroy()
      reject(new Failure('unavailable', why))
    }
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => fail('no answer'))
    socket.once('error', (error) => fail(reasonOf(error)))
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
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

async function ask(
  address: string,
  roots: string,
  request: (server: Buffer) => JoinRequest,
): Promise<JoinResponse__Output> {
  let server: Buffer | null = null
  let refused: Error | undefined
  const context = createSecureContext({ ca: roots, minVersion: 'TLSv1.3' })
  const secured = credentials.createFromSecureContext(context, {
    checkServerIdentity(host, { raw }) {
      const certificate = new X509Certificate(raw)
      refused = checkServerIdentity(host, certificate.toLegacyObject() as never)
      server = certificateDigest(raw)
      return refused
    },
  })
  const target = address.startsWith('[') ? `ipv6:${address}` : address
  const client = new EnrollmentService(target, secured, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  }) as unknown as EnrollmentClient
  try {
    await ready(client, () => refused)
    if (server === null) throw new Failure('unavailable', 'the connection was lost')
    return await called(client, request(server))
  } finally {
    client.close()
  }
}

/** The pin was right a moment ago, so a chain that does not verify is somebody else's. */
function ready(client: EnrollmentClient, refused: () => Error | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + CONNECT_TIMEOUT_MS, (error) => {
      if (!error) return resolve()
      const why = refused()?.message
      reject(new Failure(why === undefined ? 'unavailable' : 'denied', why ?? reasonOf(error)))
    })
  })
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

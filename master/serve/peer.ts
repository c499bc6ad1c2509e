import type { ServerHttp2Session } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { sha256 } from '../../lib/sha256.ts'
import type { Identity } from '../authority/identity.ts'
import type { Listener } from './policy.ts'

/** The other end of one connection. */
export type Peer = {
  /** Whom limits and bans count for: an identity, or an address where there is none. */
  readonly key: string
  readonly identity: Identity | null
  /** When its certificate ends. */
  readonly expiresAt: number
  /** Of its certificate, hexadecimal; empty where there is none. */
  readonly serial: string
  /** Of its public key, SHA-256 of the DER; empty where there is no certificate. */
  readonly keySha256: string
  /** The public key, DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Buffer | null
  readonly address: string
}

/** Says whose a certificate is; `null`: nobody's. */
export type Identify = (certificate: Buffer, now: number) => Identity | null

export function peerOf(
  session: ServerHttp2Session,
  listener: Listener,
  identify: Identify,
  now: number,
): Peer {
  const socket = session.socket as TLSSocket
  const address = socket.remoteAddress ?? 'local'
  const nobody: Peer = {
    key: address,
    identity: null,
    expiresAt: Number.POSITIVE_INFINITY,
    serial: '',
    keySha256: '',
    publicKey: null,
    address,
  }
  if (listener !== 'main' || !socket.authorized) return nobody
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return nobody
  const identity = identify(certificate.raw, now)
  if (identity === null) return nobody
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return {
    key: identityKey(identity),
    identity,
    expiresAt: Date.parse(certificate.validTo),
    serial: certificate.serialNumber.toLowerCase(),
    keySha256: sha256(publicKey),
    publicKey,
    address,
  }
}

/** One word for one identity. */
export function identityKey(identity: Identity): string {
  return `${identity.kind}/${identity.kind === 'agent' ? identity.id : identity.name}`
}

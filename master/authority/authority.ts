import { join } from 'node:path'
import { reasonOf } from '../../lib/failure.ts'
import type { Log } from '../../lib/log.ts'
import { certificateDigest } from '../../lib/proof.ts'
import { sha256 } from '../../lib/sha256.ts'
import { clientCertificate } from './certificates.ts'
import { formerIdentityOf, type Identity, identityOf, type Trust } from './identity.ts'
import { makeFolder, pemOf, readKeyFile, spkiOf } from './key-files.ts'
import {
  freshIntermediate,
  freshServer,
  lifeBelow,
  makeRoot,
  newest,
  signerOf,
  trustDomainOf,
} from './own-certificates.ts'
import { acceptedKey } from './public-key.ts'

/** A certificate, just made. */
export type Issued = {
  /** The certificate and its intermediate, PEM. */
  readonly chain: string
  /** Hexadecimal, lower case. */
  readonly serial: string
  readonly expiresAt: number
}

/** The master's own certificate authority: a root, an intermediate that signs, and the master's own certificate. */
export interface Authority {
  /** PEM. */
  readonly roots: string
  /** SHA-256 of the root's public key (DER of its SubjectPublicKeyInfo), hexadecimal. */
  readonly rootPin: string
  /** When its own certificates end, each with what it is. */
  ends(): readonly { readonly about: string; readonly endsAt: number }[]
  readonly trustDomain: string
  /** Of both listeners, PEM. The root is in the chain, for those who know no more of it than its pin. */
  serverCredentials(): { readonly key: string; readonly chain: string }
  /** `changed` is called when they are renewed. */
  onServerCredentials(changed: () => void): void
  /** SHA-256 of each server certificate (DER) that a connection of now may have seen. */
  serverCertificates(): readonly Buffer[]
  /** All in it is made here; the caller gives the public key (DER of a SubjectPublicKeyInfo) and nothing else. */
  issue(identity: Identity, publicKey: Buffer, now: number, ttlMs: number): Promise<Issued>
  /** Whose certificate this is, by its DER; `null`: nobody's, or out of its time. */
  identityOf(certificate: Buffer, now: number): Identity | null
  /** The same for a certificate whose end is past. */
  formerIdentityOf(certificate: Buffer, now: number): Identity | null
  /** Renews what is due, of its own certificates. It does so by itself once an hour. */
  renew(): Promise<void>
  close(): void
}

const LOOK_EVERY_MS = 3_600_000

/**
 * The authority that is in `dir`, made there when there is none. `names`: the DNS names and addresses by which the
 * master is reached.
 */
export async function openAuthority(
  dir: string,
  names: readonly string[],
  { now, log }: { readonly now: () => number; readonly log: Log },
): Promise<Authority> {
  await makeFolder(dir, (fresh) => makeRoot(join(fresh, 'root.pem'), now()))
  const root = readKeyFile(join(dir, 'root.pem'))
  const trustDomain = trustDomainOf(root)
  const intermediateNow = () =>
    freshIntermediate(join(dir, 'intermediate.pem'), { root, trustDomain, now: now() })
  const serverNow = () => freshServer(join(dir, 'server.pem'), intermediate, { names, root, now: now() })

  let intermediate = await intermediateNow()
  let server = await serverNow()
  let seen = [newest(server).raw]
  const listeners: (() => void)[] = []
  const renew = async () => {
    intermediate = await intermediateNow()
    const fresh = await serverNow()
    if (fresh.key.equals(server.key)) return
    log.info('the server certificate is renewed', { until: newest(fresh).validTo })
    seen = [newest(fresh).raw, newest(server).raw]
    server = fresh
    for (const changed of listeners) changed()
  }
  const timer = setInterval(() => {
    renew().catch((error) => log.error('the authority can not renew', { reason: reasonOf(error) }))
  }, LOOK_EVERY_MS)
  timer.unref()
  const trust = (): Trust => ({ trustDomain, issuers: intermediate.certificates })

  return {
    roots: newest(root).toString(),
    rootPin: sha256(spkiOf(root.key)),
    ends: () =>
      Object.entries({
        'the root': root,
        'the intermediate': intermediate,
        "the listeners' certificate": server,
      }).map(([about, file]) => ({
        about,
        endsAt: Date.parse(newest(file).validTo),
      })),
    trustDomain,
    serverCredentials: () => ({ key: pemOf(server.key), chain: server.certificates.join('') }),
    onServerCredentials: (changed) => void listeners.push(changed),
    serverCertificates: () => seen.map(certificateDigest),
    async issue(identity, publicKey, at, ttlMs) {
      const key = spkiOf(acceptedKey(publicKey))
      const issuer = intermediate
      const life = lifeBelow(issuer, at, ttlMs)
      const { pem, serial } = await clientCertificate(identity, trustDomain, signerOf(issuer), key, life)
      return { chain: `${pem}${newest(issuer)}`, serial, expiresAt: life.notAfter }
    },
    identityOf: (certificate, at) => identityOf(certificate, at, trust()),
    formerIdentityOf: (certificate, at) => formerIdentityOf(certificate, at, trust()),
    renew,
    close: () => clearInterval(timer),
  }
}

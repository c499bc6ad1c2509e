import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Failure } from '../../lib/failure.ts'
import {
  CERTIFICATE_EARLY_MS,
  INTERMEDIATE_CERTIFICATE_MS,
  ROOT_CERTIFICATE_MS,
  SERVER_CERTIFICATE_MS,
} from '../../lib/limits.ts'
import {
  intermediateCertificate,
  isAddress,
  type Life,
  rootCertificate,
  type Signer,
  serverCertificate,
} from './certificates.ts'
import { isValidAt } from './identity.ts'
import { type KeyFile, pkcs8Of, readKeyFile, spkiOf, writeKeyFile } from './key-files.ts'

/** The authority's own certificates: the root, which lasts, and two that are made anew by themselves. */

export async function makeRoot(path: string, now: number): Promise<void> {
  const { privateKey } = newKey()
  // By chance, so that no two masters ever stand for each other's hosts.
  const trustDomain = `${randomBytes(10).toString('hex')}.drover`
  const root = { privateKey: pkcs8Of(privateKey), publicKey: spkiOf(privateKey), subject: 'CN=drover root' }
  const life = { notBefore: now - CERTIFICATE_EARLY_MS, notAfter: now + ROOT_CERTIFICATE_MS }
  const { pem } = await rootCertificate(trustDomain, root, life)
  writeKeyFile(path, { key: privateKey, certificates: [new X509Certificate(pem)] })
}

/** The name that the root was made with. */
export function trustDomainOf(root: KeyFile): string {
  const name = /^URI:spiffe:\/\/([a-z0-9.]+)$/.exec(newest(root).subjectAltName ?? '')?.[1]
  if (name === undefined) throw new Failure('internal', 'the root is not one that drover has made')
  return name
}

export type Own = { readonly root: KeyFile; readonly trustDomain: string; readonly now: number }

/** The intermediate, made anew at half of its life. Earlier ones stay known: what they have signed may still be shown. */
export async function freshIntermediate(path: string, { root, trustDomain, now }: Own): Promise<KeyFile> {
  const there = existsSync(path) ? readKeyFile(path) : null
  if (there !== null && lifeLeft(there, now) > 1 / 2) return there
  const { privateKey } = newKey()
  const life = lifeBelow(root, now, INTERMEDIATE_CERTIFICATE_MS)
  const subject = `CN=drover intermediate ${new Date(now).toISOString().slice(0, 10)} ${randomBytes(4).toString('hex')}`
  const { pem } = await intermediateCertificate(
    trustDomain,
    signerOf(root),
    { publicKey: spkiOf(privateKey), subject },
    life,
  )
  const made = {
    key: privateKey,
    certificates: [new X509Certificate(pem), ...(there?.certificates ?? [])],
  }
  writeKeyFile(path, made)
  return made
}

/** What the listeners show, made anew when a third of its life is over, or for other names or another issuer. */
export async function freshServer(
  path: string,
  intermediate: KeyFile,
  { names, root, now }: Omit<Own, 'trustDomain'> & { readonly names: readonly string[] },
): Promise<KeyFile> {
  const there = existsSync(path) ? readKeyFile(path) : null
  if (there !== null && lifeLeft(there, now) > 2 / 3 && isFor(there, names, intermediate)) return there
  const { privateKey } = newKey()
  const life = lifeBelow(intermediate, now, SERVER_CERTIFICATE_MS)
  const { pem } = await serverCertificate(names, signerOf(intermediate), spkiOf(privateKey), life)
  const made = {
    key: privateKey,
    // With the root, for those who know no more of it than its pin.
    certificates: [new X509Certificate(pem), newest(intermediate), newest(root)],
  }
  writeKeyFile(path, made)
  return made
}

function isFor(server: KeyFile, names: readonly string[], intermediate: KeyFile): boolean {
  const certificate = newest(server)
  const has = (name: string) => (isAddress(name) ? certificate.checkIP(name) : certificate.checkHost(name))
  const count = certificate.subjectAltName?.split(', ').length
  return certificate.checkIssued(newest(intermediate)) && count === names.length && names.every(has)
}

export const newest = ({ certificates: [first] }: KeyFile): X509Certificate => first as X509Certificate

/** With the name that its own certificates give as their issuer's. */
export function signerOf(file: KeyFile): Signer {
  const { key, certificates } = file
  const subject = certificates[0]?.subject ?? ''
  return { privateKey: pkcs8Of(key), publicKey: spkiOf(key), subject }
}

/** From a little before now, and never longer than the issuer's own life. */
export function lifeBelow(issuer: KeyFile, now: number, ttlMs: number): Life {
  const certificate = newest(issuer)
  if (!isValidAt(certificate, now)) {
    throw new Failure('unavailable', "the authority's own certificate is out of its time", {
      about: certificate.subject,
      hint: `it is valid from ${certificate.validFrom} to ${certificate.validTo}; is the clock right?`,
    })
  }
  const notAfter = Math.min(now + ttlMs, Date.parse(certificate.validTo))
  // Certificates count in seconds.
  return { notBefore: now - CERTIFICATE_EARLY_MS, notAfter: notAfter - (notAfter % 1000) }
}

/** From 1, when it begins, to 0 and below. */
function lifeLeft(file: KeyFile, now: number): number {
  const { validFrom, validTo } = newest(file)
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
  return (to - now) / (to - from)
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

import { X509Certificate } from 'node:crypto'
import { isStrong } from './public-key.ts'

/** Whom a certificate stands for. */
export type Identity =
  | { readonly kind: 'agent'; readonly id: string }
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'master'; readonly name: string }

/** Whose certificates count. */
export type Trust = { readonly trustDomain: string; readonly issuers: readonly X509Certificate[] }

// A certificate made here has about 600.
const MAX_CERTIFICATE_BYTES = 4096
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Of operators and masters. */
export const IDENTITY_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** The one name that a certificate has. */
export function uriOf(identity: Identity, trustDomain: string): string {
  const name = identity.kind === 'agent' ? identity.id : identity.name
  return `spiffe://${trustDomain}/${identity.kind}/${name}`
}

/** Whose certificate this is, by its DER; `null`: nobody's. It never throws. */
export function identityOf(certificate: Buffer, now: number, trust: Trust): Identity | null {
  return identified(certificate, trust, (one) => isValidAt(one, now))
}

/** The same for a certificate that has expired, by an issuer that may have expired too. */
export function formerIdentityOf(certificate: Buffer, now: number, trust: Trust): Identity | null {
  return identified(certificate, trust, (one) => Date.parse(one.validFrom) <= now)
}

type InTime = (certificate: X509Certificate) => boolean

function identified(der: Buffer, trust: Trust, isInTime: InTime): Identity | null {
  if (der.length === 0 || der.length > MAX_CERTIFICATE_BYTES) return null
  try {
    const certificate = new X509Certificate(der)
    // What follows the certificate is signed by nobody.
    if (!certificate.raw.equals(der) || !isInTime(certificate) || !isOfAClient(certificate)) return null
    const issued = trust.issuers.some((issuer) => isInTime(issuer) && isSignedBy(certificate, issuer))
    return issued ? namedIn(certificate.subjectAltName, trust.trustDomain) : null
  } catch {
    // OpenSSL can't read it, or not all of it.
    return null
  }
}

/** The shape that certificates of clients get here, and no other. */
function isOfAClient(certificate: X509Certificate): boolean {
  const uses = certificate.keyUsage ?? []
  return (
    !certificate.ca &&
    !certificate.subject &&
    uses.length === 1 &&
    uses[0] === CLIENT_AUTH &&
    isStrong(certificate.publicKey)
  )
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

export const isValidAt = ({ validFrom, validTo }: X509Certificate, now: number) =>
  Date.parse(validFrom) <= now && now < Date.parse(validTo)

/** The whole of the alternative names has to be one URI of ours; OpenSSL's words for others differ from the start. */
function namedIn(names: string | undefined, trustDomain: string): Identity | null {
  const start = `URI:spiffe://${trustDomain}/`
  if (names?.startsWith(start) !== true) return null
  const [kind, name = '', ...more] = names.slice(start.length).split('/')
  if (more.length > 0) return null
  if (kind === 'agent') return UUID.test(name) ? { kind, id: name } : null
  if (kind === 'operator' || kind === 'master') return IDENTITY_NAME.test(name) ? { kind, name } : null
  return null
}

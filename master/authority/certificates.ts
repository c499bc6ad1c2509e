import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Identity } from './identity.ts'
import { uriOf } from './identity.ts'

/** What is in each kind of certificate. Nothing of it comes from a caller but the public key. */

/** DER of PKCS 8 and of a SubjectPublicKeyInfo. */
export type Signer = { readonly privateKey: Buffer; readonly subject: string; readonly publicKey: Buffer }
export type Life = { readonly notBefore: number; readonly notAfter: number }
export type Certificate = { readonly pem: string; readonly serial: string }

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' } as const

/** The root signs itself. It carries the name of all that it vouches for. */
export function rootCertificate(trustDomain: string, root: Signer, life: Life): Promise<Certificate> {
  return made(root, root.subject, root.publicKey, life, [
    new x509.BasicConstraintsExtension(true, 1, true),
    ...ofAnIssuer(trustDomain),
  ])
}

/** One that signs certificates of hosts, operators and the master, and no further issuers. */
export function intermediateCertificate(
  trustDomain: string,
  root: Signer,
  intermediate: Omit<Signer, 'privateKey'>,
  life: Life,
): Promise<Certificate> {
  return made(root, intermediate.subject, intermediate.publicKey, life, [
    new x509.BasicConstraintsExtension(true, 0, true),
    ...ofAnIssuer(trustDomain),
  ])
}

const ofAnIssuer = (trustDomain: string) => [
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${trustDomain}` }]),
]

/** What the master shows to those who connect. */
export function serverCertificate(
  names: readonly string[],
  issuer: Signer,
  publicKey: Buffer,
  life: Life,
): Promise<Certificate> {
  const alternative = names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }) as const)
  return made(issuer, '', publicKey, life, [
    ...ofALeaf(x509.ExtendedKeyUsage.serverAuth),
    new x509.SubjectAlternativeNameExtension(alternative, true),
  ])
}

export const isAddress = (name: string) => name.includes(':') || /^[\d.]+$/.test(name)

/** What a host or an operator shows to the master. */
export function clientCertificate(
  identity: Identity,
  trustDomain: string,
  issuer: Signer,
  publicKey: Buffer,
  life: Life,
): Promise<Certificate> {
  return made(issuer, '', publicKey, life, [
    ...ofALeaf(x509.ExtendedKeyUsage.clientAuth),
    // Without a subject this is the certificate's only name, so it has to be understood.
    new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uriOf(identity, trustDomain) }], true),
  ])
}

const ofALeaf = (use: x509.ExtendedKeyUsage) => [
  new x509.BasicConstraintsExtension(false, undefined, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  new x509.ExtendedKeyUsageExtension([use], true),
]

async function made(
  issuer: Signer,
  subject: string,
  publicKey: Buffer,
  life: Life,
  extensions: x509.Extension[],
): Promise<Certificate> {
  const signingKey = await webcrypto.subtle.importKey('pkcs8', issuer.privateKey, P256, false, ['sign'])
  const [issuerKey, key] = [new x509.PublicKey(issuer.publicKey), new x509.PublicKey(publicKey)]
  const serialNumber = serial()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject,
    issuer: issuer.subject,
    notBefore: new Date(life.notBefore),
    notAfter: new Date(life.notAfter),
    publicKey: key,
    signingKey,
    signingAlgorithm: ECDSA,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(key),
      await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
    ],
  })
  return { pem: `${certificate.toString('pem')}\n`, serial: serialNumber }
}

/** 127 bits by chance; the highest is clear, since a serial number is positive, and the next is set, so that none is short. */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

type CryptoKey = webcrypto.CryptoKey

const { subtle } = webcrypto
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const USES = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' }

/** A key and its chain, PEM. */
export type Pair = { readonly key: string; readonly chain: string }

type Wanted = {
  readonly names?: readonly { readonly type: 'url' | 'dns' | 'ip'; readonly value: string }[]
  readonly use?: keyof typeof USES
  readonly from?: number
  readonly until?: number
}

/** A certificate authority that signs whatever a test wants. */
export type TestAuthority = {
  readonly root: string
  issue(wanted: Wanted): Promise<Pair>
}

export async function testAuthority(name: string): Promise<TestAuthority> {
  const keys = await subtle.generateKey(EC, true, ['sign', 'verify'])
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex'),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    keys,
    signingAlgorithm: EC,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return { root: root.toString('pem'), issue: (wanted) => issue(root, keys.privateKey, wanted) }
}

/** Signed by its own key. */
export async function selfSigned(wanted: Wanted): Promise<Pair> {
  const keys = await subtle.generateKey(EC, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...form(wanted),
    name: 'CN=alone',
    keys,
    signingAlgorithm: EC,
  })
  return { key: await pem(keys.privateKey), chain: certificate.toString('pem') }
}

async function issue(root: X509Certificate, signingKey: CryptoKey, wanted: Wanted): Promise<Pair> {
  const keys = await subtle.generateKey(EC, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    ...form(wanted),
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: EC,
  })
  return { key: await pem(keys.privateKey), chain: certificate.toString('pem') }
}

const form = ({ names = [], use = 'client', from, until }: Wanted) => ({
  serialNumber: randomBytes(8).toString('hex'),
  notBefore: new Date(from ?? Date.now() - 60_000),
  notAfter: new Date(until ?? Date.now() + 3_600_000),
  extensions: [
    new BasicConstraintsExtension(false, undefined, true),
    new ExtendedKeyUsageExtension([USES[use]]),
    new SubjectAlternativeNameExtension(names.map((one) => ({ ...one }))),
  ],
})

async function pem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
}

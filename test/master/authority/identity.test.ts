import 'reflect-metadata'
import { generateKeyPairSync, type KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import t from 'tap'
import { identityOf } from '../../../master/authority/identity.ts'
import { readKeyFile } from '../../../master/authority/key-files.ts'
import { DAY, newP256, spki, testAuthority } from '../../helpers/authority.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const ID = '0198c0de-0000-7000-8000-000000000001'

type Shape = {
  readonly signer: 'ours' | 'another' | 'itself' | 'a host of ours'
  readonly key: 'P-256' | 'Ed25519' | 'P-384' | 'RSA 1024'
  readonly from: number
  readonly to: number
  readonly subject: string
  readonly names: readonly { type: 'url' | 'dns' | 'email' | 'ip'; value: string }[]
  readonly uses: readonly string[]
  readonly ca: boolean
}

const CLIENT = '1.3.6.1.5.5.7.3.2'
const keys: Readonly<Record<Shape['key'], () => { publicKey: KeyObject; privateKey: KeyObject }>> = {
  'P-256': newP256,
  Ed25519: () => generateKeyPairSync('ed25519'),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'RSA 1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
}
const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

t.test('only a certificate of the very shape that is issued here stands for anybody', async (t) => {
  const dir = t.testdir()
  const ours = await testAuthority(join(dir, 'ours'), () => NOW)
  const another = await testAuthority(join(dir, 'another'), () => NOW)
  t.teardown(() => [ours, another].map((one) => one.close()))
  const issuers = {
    ours: readKeyFile(join(dir, 'ours', 'intermediate.pem')),
    another: readKeyFile(join(dir, 'another', 'intermediate.pem')),
  }
  const trust = { trustDomain: ours.trustDomain, issuers: issuers.ours.certificates }
  const host = newP256()
  const hostChain = await ours.issue({ kind: 'agent', id: ID }, spki(host.publicKey), NOW, 7 * DAY)

  const signerOf = (shape: Shape, own: KeyObject) => {
    if (shape.signer === 'itself') return { key: own, subject: shape.subject }
    if (shape.signer === 'a host of ours') return { key: host.privateKey, subject: '' }
    const issuer = issuers[shape.signer]
    return { key: issuer.key, subject: issuer.certificates[0]?.subject ?? '' }
  }
  const make = async (shape: Shape): Promise<Buffer> => {
    const pair = keys[shape.key]()
    const signer = signerOf(shape, pair.privateKey)
    const isP256 = signer.key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    const signingKey = isP256 ? signer.key : host.privateKey
    const certificate = await x509.X509CertificateGenerator.create({
      subject: shape.subject,
      issuer: signer.subject,
      notBefore: new Date(shape.from),
      notAfter: new Date(shape.to),
      publicKey: new x509.PublicKey(spki(pair.publicKey)),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      signingKey: await webcrypto.subtle.importKey(
        'pkcs8',
        signingKey.export({ type: 'pkcs8', format: 'der' }),
        P256,
        false,
        ['sign'],
      ),
      extensions: [
        new x509.BasicConstraintsExtension(shape.ca, undefined, true),
        new x509.SubjectAlternativeNameExtension([...shape.names], true),
        ...(shape.uses.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...shape.uses])]),
      ],
    })
    return Buffer.from(certificate.rawData)
  }

  const uri = (path: string) => ({ type: 'url', value: `spiffe://${ours.trustDomain}/${path}` }) as const
  const right: Shape = {
    signer: 'ours',
    key: 'P-256',
    from: NOW - DAY,
    to: NOW + DAY,
    subject: '',
    names: [uri(`agent/${ID}`)],
    uses: [CLIENT],
    ca: false,
  }
  const isRight = (shape: Shape) =>
    shape.signer === 'ours' &&
    (shape.key === 'P-256' || shape.key === 'Ed25519') &&
    shape.from <= NOW &&
    shape.to > NOW &&
    shape.subject === '' &&
    shape.names.length === 1 &&
    [uri(`agent/${ID}`), uri('operator/anna')].some(({ value }) => value === shape.names[0]?.value) &&
    shape.uses.length === 1 &&
    shape.uses[0] === CLIENT &&
    !shape.ca

  const mostly = <T>(usual: T, ...others: T[]) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    )
  const td = ours.trustDomain
  const names: Shape['names'][] = [
    [uri('operator/anna')],
    [],
    [uri(`agent/${ID}`), uri('operator/anna')],
    [uri(`agent/${ID}`), { type: 'dns', value: 'localhost' }],
    [{ type: 'ip', value: '127.0.0.1' }, uri(`agent/${ID}`)],
    [{ type: 'dns', value: `URI:spiffe://${td}/agent/${ID}` }],
    [{ type: 'email', value: `URI:spiffe://${td}/agent/${ID}` }],
    [{ type: 'dns', value: `a, URI:spiffe://${td}/agent/${ID}` }],
    [uri(`agent/${ID}, DNS:localhost`)],
    [uri(`agent/${ID}\0`)],
    [uri(`agent/${ID}/`)],
    [uri(`agent/../operator/anna`)],
    [uri(`agent/${ID.toUpperCase()}`)],
    [uri('agent/%61nna')],
    [uri('operator/../agent')],
    [uri('operator/')],
    [uri('operator/Anna\r\n')],
    [uri('admin/anna')],
    [{ type: 'url', value: `spiffe://${td}.evil/agent/${ID}` }],
    [{ type: 'url', value: `spiffe://${another.trustDomain}/agent/${ID}` }],
    [{ type: 'url', value: `https://${td}/agent/${ID}` }],
    [{ type: 'url', value: `spiffe://x@${td}/agent/${ID}` }],
  ]
  const shapes: fc.Arbitrary<Shape> = fc.record({
    signer: mostly<Shape['signer']>('ours', 'another', 'itself', 'a host of ours'),
    key: mostly<Shape['key']>('P-256', 'Ed25519', 'P-384', 'RSA 1024'),
    from: mostly(NOW - DAY, NOW + 1000, NOW, NOW + 365 * DAY),
    to: mostly(NOW + DAY, NOW, NOW - 1000, NOW + 1000),
    subject: mostly('', 'CN=web1', `CN=web1\\00.example`, 'CN=\\1b[2J', `CN=spiffe://${td}/agent/${ID}`),
    names: fc.oneof(
      { weight: 3, arbitrary: fc.constant(right.names) },
      { weight: 2, arbitrary: fc.constantFrom(...names) },
    ),
    uses: mostly<readonly string[]>(
      [CLIENT],
      [],
      ['1.3.6.1.5.5.7.3.1'],
      [CLIENT, '1.3.6.1.5.5.7.3.1'],
      ['2.5.29.37.0'],
    ),
    ca: mostly(false, true),
  })
  const counts = { right: 0, wrong: 0 }
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const der = await make(shape)
      const identity = identityOf(der, NOW, trust)
      counts[isRight(shape) ? 'right' : 'wrong'] += 1
      return (identity !== null) === isRight(shape)
    }),
    { numRuns: 400 },
  )
  t.ok(counts.right > 20, `${counts.right} of them were right`)
  t.ok(counts.wrong > 200, `${counts.wrong} were wrong`)
  for (const one of names.slice(1)) {
    t.equal(identityOf(await make({ ...right, names: one }), NOW, trust), null, JSON.stringify(one))
  }

  const good = new X509Certificate(hostChain.chain).raw
  t.same(identityOf(good, NOW, trust), { kind: 'agent', id: ID })
  t.test('bytes that are changed, cut or added to stand for nobody', async () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(good)
        changed[at] = (changed[at] ?? 0) ^ bits
        return identityOf(changed, NOW, trust) === null
      }),
      { numRuns: 2000 },
    )
    for (const length of [0, 1, 10, good.length - 1])
      t.equal(identityOf(good.subarray(0, length), NOW, trust), null)
    t.equal(identityOf(Buffer.concat([good, Buffer.from('\0')]), NOW, trust), null)
    t.equal(identityOf(Buffer.alloc(1 << 20, 0x30), NOW, trust), null)
  })
  t.test('the certificates of the master itself call nothing', async (t) => {
    for (const file of ['server.pem', 'intermediate.pem', 'root.pem']) {
      for (const { raw } of readKeyFile(join(dir, 'ours', file)).certificates)
        t.equal(identityOf(raw, NOW, trust), null)
    }
  })
})

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AGENT_CERTIFICATE_MS, CERTIFICATE_EARLY_MS } from '../../../lib/limits.ts'
import type { Identity } from '../../../master/authority/identity.ts'
import { clockAt, DAY, newP256, spki, testAuthority } from '../../helpers/authority.ts'

const NOW = Date.parse('2026-02-28T12:00:00Z')
const AGENT: Identity = { kind: 'agent', id: '0198c0de-0000-7000-8000-000000000001' }
const pem = (text: string, n: number) =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [])[n] ?? ''

t.test('what is issued verifies with openssl, as a client and not as a server', async (t) => {
  const dir = t.testdir()
  const now = Date.now()
  const authority = await testAuthority(join(dir, 'pki'))
  t.teardown(() => authority.close())
  writeFileSync(join(dir, 'roots.pem'), authority.roots)
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const verify = (purpose: string, chain: string, ...args: string[]) => {
    const leaf = file('leaf.pem', pem(chain, 0))
    const between = file('intermediate.pem', pem(chain, 1))
    const words = ['-x509_strict', '-purpose', purpose, '-CAfile', join(dir, 'roots.pem'), '-untrusted']
    try {
      const argv = ['verify', ...words, between, ...args, leaf]
      return execFileSync('openssl', argv, { encoding: 'utf8', stdio: 'pipe' }).trim().endsWith(': OK')
    } catch {
      return false
    }
  }
  for (const keys of [newP256(), generateKeyPairSync('ed25519')]) {
    const { chain } = await authority.issue(AGENT, spki(keys.publicKey), now, AGENT_CERTIFICATE_MS)
    t.ok(verify('sslclient', chain))
    t.notOk(verify('sslserver', chain), 'a host can not stand for the master')
    t.ok(new X509Certificate(pem(chain, 0)).checkPrivateKey(keys.privateKey))
  }
  const server = authority.serverCredentials().chain
  t.ok(verify('sslserver', server, '-verify_hostname', 'localhost'))
  t.ok(verify('sslserver', server, '-verify_ip', '127.0.0.1'))
  t.notOk(verify('sslserver', server, '-verify_hostname', 'elsewhere'))
  t.notOk(verify('sslclient', server))
})

t.test("a host's certificate has the fields of its template and nothing else", async (t) => {
  const authority = await testAuthority(join(t.testdir(), 'pki'), () => NOW)
  t.teardown(() => authority.close())
  const { publicKey } = newP256()
  const { chain, serial, expiresAt } = await authority.issue(
    AGENT,
    spki(publicKey),
    NOW,
    AGENT_CERTIFICATE_MS,
  )
  const certificate = new X509Certificate(pem(chain, 0))
  t.equal(certificate.subject, undefined, 'the subject is empty')
  t.equal(
    certificate.subjectAltName,
    `URI:spiffe://${authority.trustDomain}/agent/0198c0de-0000-7000-8000-000000000001`,
  )
  t.equal(certificate.ca, false)
  t.strictSame(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  t.equal(Date.parse(certificate.validFrom), NOW - CERTIFICATE_EARLY_MS)
  t.equal(Date.parse(certificate.validTo), NOW + 7 * DAY)
  t.equal(expiresAt, NOW + 7 * DAY)
  t.equal(certificate.serialNumber.toLowerCase(), serial)
  t.same(certificate.publicKey.export({ type: 'spki', format: 'der' }), spki(publicKey))
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
    input: pem(chain, 0),
    encoding: 'utf8',
  })
  t.strictSame(
    [...text.matchAll(/^ {12}(X509v3 .*?):/gm)].map(([, name]) => name),
    [
      'X509v3 Basic Constraints',
      'X509v3 Key Usage',
      'X509v3 Extended Key Usage',
      'X509v3 Subject Alternative Name',
      'X509v3 Subject Key Identifier',
      'X509v3 Authority Key Identifier',
    ],
  )
  const intermediate = execFileSync('openssl', ['x509', '-noout', '-text'], {
    input: pem(chain, 1),
    encoding: 'utf8',
  })
  t.match(intermediate, /CA:TRUE, pathlen:0/)
})

t.test('a key that is weak, strange or no key at all is refused', async (t) => {
  const authority = await testAuthority(join(t.testdir(), 'pki'))
  t.teardown(() => authority.close())
  const good = spki(newP256().publicKey)
  const keys = {
    rsa: spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    'P-384': spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey),
    secp256k1: spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
    x25519: spki(generateKeyPairSync('x25519').publicKey),
    nothing: Buffer.alloc(0),
    'a key with something behind it': Buffer.concat([good, Buffer.from([0])]),
    'a key cut short': good.subarray(0, -1),
    'explicit parameters': generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      paramEncoding: 'explicit',
    }).publicKey.export({ type: 'spki', format: 'der' }),
    'a private key': newP256().privateKey.export({ type: 'pkcs8', format: 'der' }),
    'a point off the curve': Buffer.concat([good.subarray(0, -1), Buffer.from([(good.at(-1) ?? 0) ^ 1])]),
    'a request for a certificate': execFileSync(
      'openssl',
      'req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=root -outform DER -keyout /dev/null'.split(
        ' ',
      ),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    ),
  }
  for (const [name, key] of Object.entries(keys)) {
    await t.rejects(authority.issue(AGENT, key, Date.now(), DAY), { code: 'invalid' }, name)
  }
})

t.test('the authority is made once, private, and is the same when it is opened again', async (t) => {
  const dir = join(t.testdir(), 'state', 'pki')
  const first = await testAuthority(dir)
  first.close()
  t.equal(statSync(dir).mode & 0o777, 0o700)
  t.strictSame(readdirSync(dir).sort(), ['intermediate.pem', 'root.pem', 'server.pem'])
  for (const name of readdirSync(dir)) t.equal(statSync(join(dir, name)).mode & 0o777, 0o600)
  const again = await testAuthority(dir)
  again.close()
  t.equal(again.rootPin, first.rootPin)
  t.equal(again.trustDomain, first.trustDomain)
  t.strictSame(again.serverCredentials(), first.serverCredentials())
  const other = await testAuthority(dir, Date.now, [
    'localhost',
    '127.0.0.1',
    '2001:db8::1',
    'master.example',
  ])
  other.close()
  t.equal(other.rootPin, first.rootPin)
  const certificate = new X509Certificate(other.serverCredentials().chain)
  t.ok(certificate.checkHost('master.example'), 'other names get another server certificate')
  t.ok(certificate.checkIP('2001:db8::1'))
  const kept = await testAuthority(dir, Date.now, ['localhost', '127.0.0.1', '2001:db8::1', 'master.example'])
  kept.close()
  t.strictSame(kept.serverCredentials(), other.serverCredentials())
  truncateSync(join(dir, 'root.pem'), 40)
  await t.rejects(testAuthority(dir), { code: 'internal', about: join(dir, 'root.pem') }, 'never made anew')
  rmSync(join(dir, 'root.pem'))
  await t.rejects(testAuthority(dir), { code: 'internal' })
  t.notMatch(readFileSync(join(dir, 'intermediate.pem'), 'utf8'), first.roots)
})

t.test('its own certificates renew themselves, and what they signed still counts', async (t) => {
  const clock = clockAt(NOW)
  const dir = join(t.testdir(), 'pki')
  const authority = await testAuthority(dir, clock.now)
  t.teardown(() => authority.close())
  const { chain } = await authority.issue(AGENT, spki(newP256().publicKey), NOW, AGENT_CERTIFICATE_MS)
  const leaf = new X509Certificate(pem(chain, 0)).raw
  let renewed = 0
  authority.onServerCredentials(() => {
    renewed += 1
  })
  const first = authority.serverCredentials()
  clock.at = NOW + 9 * DAY
  await authority.renew()
  t.equal(renewed, 0)
  clock.at = NOW + 11 * DAY
  await authority.renew()
  t.equal(renewed, 1)
  t.not(authority.serverCredentials().key, first.key)
  t.same(
    authority.ends().map(({ endsAt }) => Math.round((endsAt - clock.at) / DAY)),
    [20 * 365 - 11, 2 * 365 - 11, 30],
    'the root, the intermediate, the listeners',
  )
  t.equal(authority.serverCertificates().length, 2, 'connections of before may still prove the earlier one')

  const before = pem(authority.serverCredentials().chain, 1)
  clock.at = NOW + 400 * DAY
  await authority.renew()
  const after = pem(authority.serverCredentials().chain, 1)
  t.not(after, before, 'the intermediate is another')
  t.same(authority.formerIdentityOf(leaf, clock.at), AGENT, 'the old one is still known')
  t.equal(authority.identityOf(leaf, clock.at), null)
  clock.at = NOW + 800 * DAY
  const reopened = await testAuthority(dir, clock.now)
  reopened.close()
  t.same(reopened.formerIdentityOf(leaf, clock.at), AGENT, 'when its own life is over too')
})

t.test('nothing outlives what signed it, and a clock that is far off issues nothing', async (t) => {
  const authority = await testAuthority(join(t.testdir(), 'pki'), () => NOW)
  t.teardown(() => authority.close())
  const key = spki(newP256().publicKey)
  const end = Date.parse(new X509Certificate(pem(authority.serverCredentials().chain, 1)).validTo)
  const late = await authority.issue(AGENT, key, end - DAY, AGENT_CERTIFICATE_MS)
  t.equal(late.expiresAt, end)
  t.ok(Date.parse(new X509Certificate(pem(late.chain, 0)).validTo) <= end)
  await t.rejects(authority.issue(AGENT, key, end, DAY), { code: 'unavailable' })
  await t.rejects(authority.issue(AGENT, key, NOW - 3650 * DAY, DAY), { code: 'unavailable' })
})

t.test('a leap day and the years beyond 2050 are dates like others', async (t) => {
  for (const at of ['2028-02-29T23:59:59Z', '2045-12-31T00:00:00Z', '2051-06-01T00:00:00Z']) {
    const now = Date.parse(at)
    const authority = await testAuthority(join(t.testdir(), at.slice(0, 4)), () => now)
    authority.close()
    const { chain } = await authority.issue(AGENT, spki(newP256().publicKey), now, AGENT_CERTIFICATE_MS)
    t.same(authority.identityOf(new X509Certificate(pem(chain, 0)).raw, now), AGENT, at)
    t.equal(Date.parse(new X509Certificate(pem(chain, 0)).validTo), now + 7 * DAY)
  }
})

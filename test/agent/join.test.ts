import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readIdentity, renewAt, storeRenewed, writeJoining } from '../../agent/identity.ts'
import { joinMaster, recoverIdentity } from '../../agent/join.ts'
import type { Failure } from '../../lib/failure.ts'
import { joinWords } from '../../lib/proof.ts'
import { sha256 } from '../../lib/sha256.ts'
import { join as ask, renew } from '../../master/authority/enroll.ts'
import { serverTls } from '../../master/serve/tls.ts'
import { DAY, forgedServer, newP256, pkcs8, spki, testAuthority } from '../helpers/authority.ts'
import { invite, listen, openEnrolling } from '../helpers/enrolling.ts'

const quiet = () => undefined
const publicKeyOf = (pem: string) =>
  new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }) as Buffer
const blocks = (chain: string) => chain.split(/(?<=-----END CERTIFICATE-----\n)/).filter((one) => one !== '')
const derOf = (pem: string) => new X509Certificate(pem).raw
/** What was thrown; a test that expects a refusal looks at it. */
const refusal = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error('it was let in')
    },
    (error) => error as Failure,
  )

t.test('a host joins by its invitation and has what the agent needs', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'host', 'identity')
  const said: string[] = []
  const one = await invite(master)
  const identity = await joinMaster(one, { dir, tell: (line) => void said.push(line) })

  t.equal(identity.name, 'web1')
  t.equal(identity.generation, 1)
  t.strictSame(identity.addresses, ['localhost:7440'])
  t.match(identity.ageIdentity?.reveal(), /^AGE-SECRET-KEY-1/)
  t.equal(identity.roots, master.authority.roots)
  const row = await master.store.hosts.named('web1')
  const who = master.authority.identityOf(derOf(identity.chain), master.clock.now())
  t.same(who, { kind: 'agent', id: row?.id })
  t.equal(row?.certificate_chain, identity.chain)

  t.equal(statSync(dir).mode & 0o777, 0o700)
  t.strictSame(readdirSync(dir), ['identity'], 'nothing else is left')
  t.equal(statSync(join(dir, 'identity')).mode & 0o777, 0o600)
  t.strictSame({ ...readIdentity(dir), ageIdentity: null }, { ...identity, ageIdentity: null })
  t.equal(readIdentity(dir)?.ageIdentity?.reveal(), identity.ageIdentity?.reveal())

  const seed = one.seed.reveal()
  t.notMatch(readFileSync(join(dir, 'identity'), 'latin1'), seed, 'the seed is forgotten')
  t.notOk(JSON.stringify(master.requests).includes(seed), 'and never reached the master')
  for (const name of readdirSync(master.dir).filter((name) => name.startsWith('master.db'))) {
    const bytes = readFileSync(join(master.dir, name))
    t.notOk(bytes.includes(seed), `nor its store, ${name}`)
    t.notOk(bytes.includes(Buffer.from(seed, 'base64url')))
  }
  t.notMatch(said.join('\n'), seed)
  t.ok(said.length >= 3, said.join('; '))

  const again = await refusal(joinMaster(one, { dir, tell: quiet }))
  t.equal(again.code, 'conflict', 'a machine that has joined is left alone')
})

t.test('of a hundred who join with one invitation one is let in', async (t) => {
  const master = await openEnrolling(t)
  const one = await invite(master)
  const tries = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => joinMaster(one, { dir: join(master.dir, `h${i}`), tell: quiet })),
  )
  const let_in = tries.filter(({ status }) => status === 'fulfilled')
  t.equal(let_in.length, 1)
  const reasons = new Set(tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : [])))
  t.strictSame([...reasons], ['this invitation was used already'])
  t.equal((await master.store.hosts.list()).length, 1)
})

t.test('the same key asks again and gets the same certificate, another key gets none', async (t) => {
  const master = await openEnrolling(t)
  const one = await invite(master)
  const { privateKey, publicKey } = newP256()
  const joining = { inviteId: one.inviteId, key: pkcs8(privateKey), age: null }
  const age = { identity: 'AGE-SECRET-KEY-1', recipient: `age1${'q'.repeat(58)}` }
  const dirs = Array.from({ length: 20 }, (_, i) => join(master.dir, `again${i}`))
  for (const dir of dirs) writeJoining(dir, { ...joining, age })
  const all = await Promise.all(dirs.map((dir) => joinMaster(one, { dir, tell: quiet })))
  t.equal(new Set(all.map(({ chain }) => chain)).size, 1, 'all have the very same one')
  t.same(publicKeyOf(all[0]?.chain ?? ''), spki(publicKey))
  t.equal((await master.store.hosts.list()).length, 1)
  const other = await refusal(joinMaster(one, { dir: join(master.dir, 'other'), tell: quiet }))
  t.match(other, { code: 'denied', message: /used already/ })

  master.clock.at += 1_800_001
  const late = join(master.dir, 'late')
  writeJoining(late, { ...joining, age })
  t.match(await refusal(joinMaster(one, { dir: late, tell: quiet })), {
    code: 'denied',
    message: /expired/,
  })
})

t.test('a second after its end an invitation lets nobody in', async (t) => {
  const master = await openEnrolling(t)
  const one = await invite(master, { ttlMs: 60_000 })
  master.clock.at += 61_000
  const late = await refusal(joinMaster(one, { dir: join(master.dir, 'h'), tell: quiet }))
  t.match(late, { code: 'denied', message: /expired/, about: 'web1' })
  t.equal((await master.store.hosts.list()).length, 0)
})

t.test('who is not the pinned master hears not a word', async (t) => {
  const master = await openEnrolling(t)
  const evil = await testAuthority(join(master.dir, 'evil'))
  t.teardown(() => evil.close())
  const heard: unknown[] = []
  const mitm = await listen(
    serverTls({ credentials: () => evil.serverCredentials(), watch: quiet, clientRoots: null }),
    async (request) => {
      heard.push(request)
      throw new Error('never')
    },
  )
  t.teardown(() => mitm.close())
  const one = { ...(await invite(master)), addresses: [mitm.address] }
  const dir = join(master.dir, 'h')
  t.match(await refusal(joinMaster(one, { dir, tell: quiet })), { code: 'denied', about: mitm.address })
  t.equal(heard.length, 0)
  t.equal(readIdentity(dir), null)

  const [, between = '', root = ''] = blocks(master.authority.serverCredentials().chain)
  const own = evil.serverCredentials()
  const forged = await forgedServer(new X509Certificate(between))
  const forgeries = {
    'shows the real root behind its own chain': {
      key: own.key,
      chain: [...blocks(own.chain).slice(0, 2), root].join(''),
    },
    'names the real intermediate as its issuer': { key: forged.key, chain: forged.chain + between + root },
  }
  for (const [name, credentials] of Object.entries(forgeries)) {
    t.test(`nor one that ${name}`, async (t) => {
      const other = await listen(
        serverTls({ credentials: () => credentials, watch: quiet, clientRoots: null }),
        async (request) => {
          heard.push(request)
          throw new Error('never')
        },
      )
      t.teardown(() => other.close())
      const why = await refusal(joinMaster({ ...one, addresses: [other.address] }, { dir, tell: quiet }))
      t.equal(why.code, 'denied', why.message)
      t.equal(heard.length, 0)
    })
  }
})

t.test('a proof that was given to another server, or for other words, is worth nothing', async (t) => {
  const master = await openEnrolling(t)
  const one = await invite(master)
  await joinMaster(one, { dir: join(master.dir, 'first'), tell: quiet })
  const [request] = master.requests
  if (request?.invite == null) throw new Error('there was none')
  const elsewhere = await openEnrolling({
    testdir: () => join(master.dir, 'elsewhere'),
    teardown: (done) => t.teardown(done as () => void),
  })
  const known = await master.store.invites.get(one.inviteId)
  if (known === undefined) throw new Error('there was none')
  await elsewhere.store.invites.add(known)
  t.match(await refusal(ask(elsewhere.enrolling, request)), { code: 'denied', message: /none of ours/ })
  const swapped = { ...request, age_recipient: `age1${'p'.repeat(58)}` }
  t.match(await refusal(ask(master.enrolling, swapped)), { code: 'denied' }, 'the recipient is signed')
  const unknown = { ...request, invite: { ...request.invite, invite_id: 'nobody-invited' } }
  const silent = await refusal(ask(master.enrolling, unknown))
  t.equal(silent.message, 'this proof is none of ours', 'what is not there and what is not proven look alike')
  const theirs = generateKeyPairSync('ed25519')
  const stolen = spki(theirs.publicKey)
  const { joinKeyOf } = await import('../../lib/join-string.ts')
  const server = master.authority.serverCertificates()[0] as Buffer
  const words = joinWords({
    inviteId: one.inviteId,
    publicKey: stolen,
    ageRecipient: request.age_recipient,
    server,
  })
  const unheld = {
    ...request,
    public_key: stolen,
    invite: { invite_id: one.inviteId, signature: sign(null, words, joinKeyOf(one.seed)) },
  }
  t.match(await refusal(ask(master.enrolling, unheld)), { code: 'invalid', message: /does not hold/ })
  t.match(await refusal(ask(master.enrolling, { ...request, invite: null })), { code: 'invalid' })
})

t.test('a host that exists is not replaced unless it was said so, and then the old one is out', async (t) => {
  const master = await openEnrolling(t)
  const first = await joinMaster(await invite(master), { dir: join(master.dir, 'old'), tell: quiet })
  const old = await master.store.hosts.named('web1')
  const taken = await invite(master)
  const dir = join(master.dir, 'new')
  t.match(await refusal(joinMaster(taken, { dir, tell: quiet })), { code: 'conflict', about: 'web1' })
  t.strictSame(master.denied, [])

  const second = await joinMaster(await invite(master, { replaces: 1 }), { dir, tell: quiet })
  const now = await master.store.hosts.named('web1')
  t.not(now?.id, old?.id, 'the identity is another')
  t.strictSame(master.denied, [`agent/${old?.id}`], 'the old streams are cut')
  t.equal((await master.store.hosts.get(old?.id ?? ''))?.state, 'revoked')
  t.match(
    await refusal(
      renew(master.enrolling, { id: old?.id ?? '', publicKey: publicKeyOf(first.chain), generation: 1 }),
    ),
    { code: 'denied' },
  )
  t.equal(now?.certificate_chain, second.chain)
})

t.test(
  'an operator joins by an invitation of its own, for 90 days and without an age identity',
  async (t) => {
    const master = await openEnrolling(t)
    const dir = join(master.dir, 'anna')
    const identity = await joinMaster(await invite(master, { kind: 'operator', name: 'anna' }), {
      dir,
      tell: quiet,
    })
    t.equal(identity.name, 'anna')
    t.equal(identity.ageIdentity, null)
    t.same(master.authority.identityOf(derOf(identity.chain), master.clock.now()), {
      kind: 'operator',
      name: 'anna',
    })
    t.ok(Math.abs(identity.expiresAt - master.clock.now() - 90 * DAY) < 1000)
    t.equal((await master.store.hosts.list()).length, 0)
    const forHost = await invite(master)
    const wrong = { ...forHost, kind: 'operator' as const }
    t.match(await refusal(joinMaster(wrong, { dir: join(master.dir, 'x'), tell: quiet })), {
      code: 'invalid',
    })
  },
)

t.test('an operator who joins anew calls by the new key alone', async (t) => {
  const master = await openEnrolling(t)
  const wanted = { kind: 'operator', name: 'anna' } as const
  const old = await joinMaster(await invite(master, wanted), { dir: join(master.dir, 'old'), tell: quiet })
  master.denied.length = 0
  const { chain } = await joinMaster(await invite(master, wanted), {
    dir: join(master.dir, 'new'),
    tell: quiet,
  })
  t.strictSame(master.denied, ['operator/anna'])
  t.equal((await master.store.operators.get('anna'))?.public_key_sha256, sha256(publicKeyOf(chain)))
  t.not(chain, old.chain)
})

t.test('of several invitations of a name the newest counts, and none once the name is out', async (t) => {
  const master = await openEnrolling(t)
  const [first, second] = [await invite(master), await invite(master)]
  const dir = join(master.dir, 'h')
  t.match(await refusal(joinMaster(first, { dir, tell: quiet })), { code: 'denied', message: /has expired/ })
  await joinMaster(second, { dir, tell: quiet })
  const left = await invite(master, { replaces: 1 })
  const row = await master.store.hosts.named('web1')
  await master.store.hosts.revoke({ id: row?.id ?? '', reason: 'sold', at: master.clock.now() })
  const late = { dir: join(master.dir, 'late'), tell: quiet }
  t.match(await refusal(joinMaster(left, late)), { code: 'denied', message: /has expired/ })
  const anna = await invite(master, { kind: 'operator', name: 'anna' })
  await master.store.operators.remove({ name: 'anna', at: master.clock.now() })
  await master.store.operators.add({ name: 'anna', role: 'admin', by: 'eve', at: master.clock.now() })
  t.match(await refusal(joinMaster(anna, { dir: join(master.dir, 'a'), tell: quiet })), { code: 'denied' })
})

t.test('a certificate is renewed once per generation, and a copied key locks the host', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  const identity = await joinMaster(await invite(master), { dir, tell: quiet })
  const row = await master.store.hosts.named('web1')
  const id = row?.id ?? ''
  const publicKey = publicKeyOf(identity.chain)
  const at = renewAt(identity, 0.5)
  t.ok(at > identity.notBefore + 2 * DAY && at < identity.notBefore + 3 * DAY)
  master.clock.at = at
  const first = await renew(master.enrolling, { id, publicKey, generation: 1 })
  const again = await renew(master.enrolling, { id, publicKey, generation: 1 })
  t.equal(again.certificate_chain, first.certificate_chain, 'whose answer was lost gets the same')
  t.equal(first.generation, 2)
  const renewed = storeRenewed(dir, {
    chain: first.certificate_chain ?? '',
    roots: first.roots ?? '',
    generation: 2,
  })
  t.ok(renewed.expiresAt > identity.expiresAt)
  t.equal(renewed.ageIdentity?.reveal(), identity.ageIdentity?.reveal())
  t.match(
    await refusal(renew(master.enrolling, { id, publicKey: spki(newP256().publicKey), generation: 2 })),
    {
      code: 'denied',
    },
  )
  t.strictSame(master.denied, [])

  const serial = new X509Certificate(renewed.chain).serialNumber.toLowerCase()
  await master.store.hosts.used({ id, serial, at: master.clock.now() })
  t.match(await refusal(renew(master.enrolling, { id, publicKey, generation: 1 })), { code: 'denied' })
  t.strictSame(master.denied, [`agent/${id}`], 'the copy presents what the host has left behind')
  t.match(await master.store.hosts.get(id), { state: 'locked', reason: 'its key is in use in two places' })
  t.match(await refusal(renew(master.enrolling, { id, publicKey, generation: 2 })), { code: 'denied' })
})

t.test('a host that slept through its certificate comes back once in 30 days', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  const identity = await joinMaster(await invite(master), { dir, tell: quiet })
  t.match(await refusal(recoverIdentity(dir)), { code: 'conflict', message: /has not expired/ })

  master.clock.at += 8 * DAY
  const back = await recoverIdentity(dir)
  t.equal(back.generation, 2)
  t.same(publicKeyOf(back.chain), publicKeyOf(identity.chain), 'the key is the same')
  t.same(readIdentity(dir)?.chain, back.chain)

  master.clock.at += 8 * DAY
  const soon = await refusal(recoverIdentity(dir))
  t.match(soon, { code: 'denied', message: /too short a time ago/, hint: /--replace/ })
  master.clock.at += 30 * DAY
  t.equal((await recoverIdentity(dir)).generation, 3)

  t.test('and not at all once it is revoked', async (t) => {
    const row = await master.store.hosts.named('web1')
    await master.store.hosts.revoke({ id: row?.id ?? '', reason: 'sold', at: master.clock.now() })
    master.clock.at += 40 * DAY
    t.match(await refusal(recoverIdentity(dir)), { code: 'denied' })
  })
})

t.test('a host that slept for more than a year comes back, whoever signs by then', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  const { chain } = await joinMaster(await invite(master), { dir, tell: quiet })
  await recoverIdentity(dir).catch(quiet)
  const [request] = master.requests.slice(-1)
  if (request === undefined) return t.fail('it has asked')
  master.clock.at += 400 * DAY
  // Of the renewed authority the listener shows nothing here: by the clock of TLS it begins in a year.
  const servers = master.authority.serverCertificates()
  const signer = { ...master.authority, serverCertificates: () => servers }
  await master.authority.renew()
  const back = await ask({ ...master.enrolling, authority: signer }, request)
  t.equal(back.generation, 2)
  const [, before] = blocks(chain)
  const [, after] = blocks(back.certificate_chain ?? '')
  t.not(after, before, 'another intermediate has signed')
})

t.test('a lost answer to a recovery does not count against the host', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  await joinMaster(await invite(master), { dir, tell: quiet })
  master.clock.at += 8 * DAY
  const identity = readIdentity(dir)
  const first = await recoverIdentity(dir)
  // As it was before the answer came.
  if (identity !== null) storeRenewed(dir, identity)
  t.equal((await recoverIdentity(dir)).chain, first.chain)
})

t.test('a master that is not there, or says nothing, is named with its reason', async (t) => {
  const master = await openEnrolling(t)
  const closed = createServer()
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done))
  const { port } = closed.address() as { port: number }
  await new Promise((done) => closed.close(done))
  const one = { ...(await invite(master)), addresses: [`127.0.0.1:${port}`] }
  const why = await refusal(joinMaster(one, { dir: join(master.dir, 'h'), tell: quiet }))
  t.match(why, { code: 'unavailable', message: new RegExp(`127.0.0.1:${port}.*ECONNREFUSED`) })
  const both = { ...one, addresses: [`127.0.0.1:${port}`, master.address] }
  const joined = await joinMaster(both, { dir: join(master.dir, 'h'), tell: quiet })
  t.equal(joined.enrollment[0], master.address, 'the one that answers is asked first next time')
})

t.test('openssl agrees with what a host got', async (t) => {
  const master = await openEnrolling(t)
  const { chain, roots } = await joinMaster(await invite(master), { dir: join(master.dir, 'h'), tell: quiet })
  const dir = t.testdir({ 'chain.pem': chain, 'roots.pem': roots })
  const words = ['-x509_strict', '-purpose', 'sslclient', '-CAfile', join(dir, 'roots.pem'), '-untrusted']
  const argv = ['verify', ...words, join(dir, 'chain.pem'), join(dir, 'chain.pem')]
  t.match(execFileSync('openssl', argv, { encoding: 'utf8' }), /: OK\n$/)
})

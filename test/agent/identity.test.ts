import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import {
  type AgentIdentity,
  readIdentity,
  readJoining,
  renewAt,
  storeRenewed,
  writeIdentity,
} from '../../agent/identity.ts'
import { joinMaster } from '../../agent/join.ts'
import { formatJoinString } from '../../lib/join-string.ts'
import { renew } from '../../master/authority/enroll.ts'
import { DAY, newP256, pkcs8, spki } from '../helpers/authority.ts'
import { invite, openEnrolling } from '../helpers/enrolling.ts'

const quiet = () => undefined
const HERE = fileURLToPath(new URL('.', import.meta.url))
const CLI = join(HERE, '../../cli/main.js')

/** Runs a program that is killed just before it makes this call for the nth time. */
async function killedAt(call: string, nth: number, argv: readonly string[], stdin = ''): Promise<boolean> {
  const inject = `inject=${call}:error=EINTR:signal=SIGKILL:when=${nth}`
  const words = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    inject,
    process.execPath,
    ...argv,
  ]
  const child = spawn('strace', words, {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH },
  })
  child.stdin.on('error', quiet).end(stdin)
  const [, signal] = await once(child, 'exit')
  return signal === 'SIGKILL'
}

/** The calls at which there is something to interrupt. */
const POINTS = [
  ['fsync', 1],
  ['fsync', 2],
  ['fsync', 3],
  ['rename', 1],
  ['unlink,unlinkat', 1],
] as const

const plain = (identity: AgentIdentity | null) =>
  identity && { ...identity, ageIdentity: identity.ageIdentity?.reveal() }

t.test('a kill at any point of a renewal leaves the old pair or the new one', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  const first = await joinMaster(await invite(master), { dir, tell: quiet })
  const row = await master.store.hosts.named('web1')
  const publicKey = spki(createPublicKey(first.key))
  let known = first
  const kills = { before: 0, after: 0, none: 0 }
  for (const [call, nth] of POINTS) {
    const { generation } = known
    master.clock.at += 2 * DAY
    const next = await renew(master.enrolling, { id: row?.id ?? '', publicKey, generation })
    const file = join(master.dir, 'next.json')
    const renewed = { chain: next.certificate_chain, roots: next.roots, generation: next.generation }
    writeFileSync(file, JSON.stringify(renewed))
    const script = `import { readFileSync } from 'node:fs'
      import { storeRenewed } from ${JSON.stringify(join(HERE, '../../agent/identity.js'))}
      storeRenewed(${JSON.stringify(dir)}, JSON.parse(readFileSync(${JSON.stringify(file)})))`
    const killed = await killedAt(call, nth, ['--input-type=module', '-e', script])
    const found = readIdentity(dir)
    const isNew = found?.generation === next.generation
    t.ok(isNew || found?.generation === generation, `${call} ${nth}: generation ${found?.generation}`)
    t.equal(found?.chain, isNew ? next.certificate_chain : known.chain)
    kills[killed ? (isNew ? 'after' : 'before') : 'none'] += 1

    // What the agent does next: it asks again as what it is, and is given the same.
    if (!isNew && found !== null) {
      const again = await renew(master.enrolling, {
        id: row?.id ?? '',
        publicKey,
        generation: found.generation,
      })
      t.equal(again.certificate_chain, next.certificate_chain)
    }
    known = storeRenewed(dir, renewed as Parameters<typeof storeRenewed>[1])
    t.strictSame(readdirSync(dir), ['identity'], 'nothing is left over')
  }
  t.ok(kills.before >= 2 && kills.after >= 1, JSON.stringify(kills))
})

t.test('a kill at any point of a join leaves an invitation that can still be used', async (t) => {
  const master = await openEnrolling(t)
  let joined = 0
  for (const [i, [call, nth]] of [...POINTS, ['rename', 2] as const, ['fsync', 4] as const].entries()) {
    const name = `web${i}`
    const one = await invite(master, { name })
    const state = join(master.dir, name)
    const words = [CLI, 'join', '--state', state]
    const line = `${formatJoinString(one).reveal()}\n`
    await killedAt(call, nth, words, line)
    const dir = join(state, 'identity')
    const before = await master.store.hosts.named(name)
    if (before !== undefined) joined += 1
    if (readIdentity(dir) === null) await joinMaster(one, { dir, tell: quiet })
    const identity = readIdentity(dir)
    t.equal(identity?.name, name, `${call} ${nth}`)
    const after = await master.store.hosts.named(name)
    t.equal(after?.certificate_chain, identity?.chain)
    if (before !== undefined) t.equal(after?.id, before.id, 'it is the host that was let in')
    // The keys that were certified may stand there twice, until the next renewal.
    if (identity !== null) storeRenewed(dir, identity)
    t.strictSame(readdirSync(dir), ['identity'])
  }
  t.ok(joined >= 2, `${joined} were let in before they were killed`)
})

const identity = (key: string): Omit<AgentIdentity, 'notBefore' | 'expiresAt'> => ({
  name: 'web1',
  key,
  chain: '',
  roots: '',
  generation: 1,
  addresses: [],
  enrollment: [],
  ageIdentity: null,
})

t.test('a certificate for another key, or none at all, is not put into use', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  const mine = await joinMaster(await invite(master), { dir, tell: quiet })
  const other = await joinMaster(await invite(master, { name: 'web2' }), {
    dir: join(master.dir, 'o'),
    tell: quiet,
  })
  for (const chain of ['', 'x', other.chain, mine.chain.slice(0, 200)]) {
    t.throws(() => storeRenewed(dir, { chain, roots: mine.roots, generation: 2 }), { code: 'invalid' })
  }
  t.strictSame(plain(readIdentity(dir)), plain(mine))
  const empty = join(master.dir, 'empty')
  t.throws(() => storeRenewed(empty, mine), { code: 'not-found' })
  t.throws(() => writeIdentity(empty, identity(pkcs8(newP256().privateKey))), { code: 'invalid' })
  t.equal(readIdentity(empty), null)
  t.notOk(existsSync(empty))
})

t.test('an identity that is damaged is said to be, and never taken for none', async (t) => {
  const master = await openEnrolling(t)
  const dir = join(master.dir, 'h')
  await joinMaster(await invite(master), { dir, tell: quiet })
  const path = join(dir, 'identity')
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; at += 97) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 0x20
    writeFileSync(path, changed)
    t.throws(() => readIdentity(dir), { code: 'internal', about: path, hint: /--replace/ })
  }
  for (const length of [0, 1, 64, 65, 66, bytes.length - 1]) {
    writeFileSync(path, bytes)
    truncateSync(path, length)
    t.throws(() => readIdentity(dir), { code: 'internal' }, `${length} bytes`)
  }
  writeFileSync(path, bytes)
  t.equal(readIdentity(dir)?.name, 'web1')
  writeFileSync(join(dir, 'joining'), 'torn')
  t.equal(readJoining(dir), null, 'keys that nobody has certified are made anew')
})

t.test('a renewal is due after a third of the life, not for all hosts at once', async (t) => {
  const life = { notBefore: 0, expiresAt: 30 * DAY }
  t.equal(renewAt(life, 0), 9 * DAY)
  t.equal(renewAt(life, 0.5), 10 * DAY)
  t.ok(renewAt(life, 0.999) < 11 * DAY)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openAgent } from '../../agent/agent.ts'
import { type Link, openLink } from '../../agent/link.ts'
import { writeJson } from '../../agent/records.ts'
import type { Failure } from '../../lib/failure.ts'
import { partsOf, QUICK, WordHost } from '../helpers/agent-parts.ts'
import { testAuthority } from '../helpers/pki.ts'
import { makePki, SmallMaster } from '../helpers/small-master.ts'

const PKI = await makePki()

/** A link whose words can be waited for. */
function follow(t: Test, address: string, pki = PKI, stateDir = t.testdir()) {
  const away: { why: Failure; retryMs: number }[] = []
  let told = () => undefined as unknown
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve
    })
  const link: Link = openLink(
    {
      addresses: [address],
      credentials: () => ({ ...pki.client, roots: pki.roots }),
      stateDir,
      times: QUICK,
      atOnce: true,
    },
    {
      hello: () => ({ version: '1' }),
      welcome: () => told(),
      heard: () => undefined,
      away: (why, retryMs) => {
        away.push({ why, retryMs })
        told()
      },
    },
  )
  t.teardown(() => link.close())
  return { link, away, next }
}

t.test('a master that is stopped in the middle of a word is found to be gone', async (t) => {
  const argv = ['--unset=NODE_OPTIONS', process.execPath, 'dist/test/helpers/small-master-process.js']
  const child = spawn('env', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdin.end(JSON.stringify(PKI))
  const [address] = await once(child.stdout, 'data')
  const { link, away, next } = follow(t, String(address).trim())
  await next()
  t.ok(link.calls, 'it was there')
  child.kill('SIGSTOP')
  const started = performance.now()
  await next()
  const ms = performance.now() - started
  // Keepalive and its patience, scaled down from 20 s and 10 s, and what timers take.
  t.ok(ms < (QUICK.keepaliveMs + QUICK.keepaliveTimeoutMs) * 1.5, `within ${Math.round(ms)} ms`)
  t.equal(link.calls, null)
  t.equal(away[0]?.why.code, 'unavailable')
  child.kill('SIGCONT')
  while (link.calls === null) await next()
  t.pass('and found again when it goes on')
})

t.test('a master of another authority is told nothing', async (t) => {
  const stranger = new SmallMaster(await makePki())
  await stranger.start()
  t.teardown(() => stranger.stop())
  const { away, next } = follow(t, stranger.address)
  await next()
  t.match(away[0]?.why.message, /signature|self.signed|unable to (verify|get)/)
  t.same(stranger.heard, [])
})

t.test('another host of the same authority is no master', async (t) => {
  const { root, issue } = await testAuthority('test')
  const client = await issue({ use: 'client', names: [{ type: 'ip', value: '127.0.0.1' }] })
  const impostor = new SmallMaster({ roots: root, server: client, client })
  await impostor.start()
  t.teardown(() => impostor.stop())
  const { away, next } = follow(t, impostor.address, impostor.pki)
  await next()
  t.match(away[0]?.why.message, /unsupported certificate purpose|purpose/)
  t.same(impostor.heard, [])
})

t.test(
  'where its name leads nowhere, the master is found at its last address, by its own name',
  async (t) => {
    const pki = await makePki('localhost')
    const master = new SmallMaster(pki)
    await master.start()
    t.teardown(() => master.stop())
    // Nobody listens on port 1.
    const stateDir = t.testdir()
    writeJson(join(stateDir, 'link'), { withinMs: 0, ips: { 'localhost:1': master.address } })
    const { link, next } = follow(t, 'localhost:1', pki, stateDir)
    while (link.calls === null) await next()
    t.equal(master.connects, 1)
  },
)

t.test('nobody there: each wait is within its bound, and what was to be sent is sent later', async (t) => {
  const master = new SmallMaster(PKI)
  await master.start()
  master.stop()
  const { link, away, next } = follow(t, master.address)
  link.send({ finished: { request_id: 'later', run_id: '' } })
  await next()
  await next()
  t.match(away[0]?.why.message, /ECONNREFUSED/)
  for (const [i, { retryMs }] of away.entries()) t.ok(retryMs <= 1000 * 2 ** i, `${retryMs} ms`)
  await master.start()
  t.teardown(() => master.stop())
  await master.finished('later')
  t.pass('it came')
})

t.test('a clock that is set by years, back and forth, disturbs nothing', async (t) => {
  const master = new SmallMaster(PKI)
  await master.start()
  t.teardown(() => master.stop())
  const { catalogOf } = await import('../helpers/agent-parts.ts')
  master.declare(catalogOf(['file:/etc/a']))
  const host = new WordHost()
  // Its patience is not what this is about.
  const times = { ...QUICK, keepaliveTimeoutMs: 10_000, sweepMs: 100 }
  const parts = partsOf(PKI, master.address, host, { times, atOnce: true })
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  const agent = openAgent({ stateDir: t.testdir(), servers: null }, parts)
  t.teardown(() => agent.close(0))
  await master.until(() => master.rows.size > 0)
  const YEARS = 10 * 365 * 86_400_000
  for (const step of [YEARS, -YEARS, -3_600_000, 3_600_000]) {
    Date.now = () => real() + step
    const [runs, alive] = [host.runs.length, master.heard.filter((one) => one.alive).length]
    await master.until(() => master.heard.filter((one) => one.alive).length > alive)
    while (host.runs.length <= runs) await new Promise((resolve) => setTimeout(resolve, 20))
    t.equal(master.connects, 1, 'the stream stays, and it goes on looking')
    t.equal(agent.stuck(), null)
  }
  master.mode = { mode: 'MODE_PAUSED', until: real() + 300, reason: '', by: '' }
  Date.now = () => real() - YEARS
  master.stop()
  await master.start()
  await master.until(() => master.connects >= 2)
  while (/paused/.test(agent.status())) await new Promise((resolve) => setTimeout(resolve, 20))
  t.pass("a pause ends by the master's clock")
})

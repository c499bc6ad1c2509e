import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { sha256 } from '../../lib/sha256.ts'
import { openStateDir } from '../../master/state-dir.ts'
import { openStore } from '../../master/store/store.ts'
import { openWorld } from '../helpers/master-world.ts'

const BODY = Buffer.from(JSON.stringify({ outcomes: [], owed: [] }))

const headOf = (run_id: string) => ({
  run_id,
  kind: 'RUN_KIND_APPLY',
  trigger: 'RUN_TRIGGER_SWEEP',
  started_at: Date.now(),
  counts: { changed: 1 },
  body_sha256: sha256(BODY),
  body_bytes: BODY.length,
})

t.test('a master that is told to stop under load loses no report that it acknowledged', async (t) => {
  const names = Array.from({ length: 8 }, (_, i) => `h${i}`)
  const world = await openWorld(t, { hosts: names })
  const acknowledged = new Set<string>()
  const ends: number[] = []
  let stopping = false
  let enough: () => void = () => undefined
  const loaded = new Promise<void>((done) => {
    enough = done
  })
  const streams = names.map((name) => {
    const peer = world.connect('Agent', world.master.main, world.hosts.get(name)?.pair ?? null)
    const stream = peer.open('Follow')
    stream.write({ hello: { version: '1', now: Date.now() } })
    return { peer, stream }
  })
  await Promise.all(streams.map(({ stream }) => stream.until(({ message }) => message === 'welcome')))
  const pumps = streams.map(async ({ peer }) => {
    for (let sent = 0; sent < 250 && !stopping; sent += 1) {
      const run_id = randomUUID()
      const { code } = await peer.call('PutReport', { head: headOf(run_id) }, { data: BODY })
      if (code === status.OK) acknowledged.add(run_id)
      else ends.push(code)
      if (acknowledged.size > 100) enough()
    }
  })
  await loaded
  const at = Date.now()
  const closed = world.master.close(20_000)
  stopping = true
  await Promise.all([closed, ...pumps])
  t.ok(Date.now() - at < 20_000, `stopped after ${Date.now() - at} ms`)
  t.ok(
    ends.every((code) => code === status.UNAVAILABLE),
    'what was not taken may be sent again',
  )
  for (const { stream } of streams) t.equal((await stream.ended).code, status.UNAVAILABLE)
  const store = await openStore(join(world.settings.state, 'master.db'), Date.now)
  const found = await Promise.all([...acknowledged].map((id) => store.runs.get(id)))
  await store.close()
  t.ok(
    found.every((run) => run !== undefined),
    `all ${acknowledged.size} are there`,
  )
})

t.test('one state has one master', async (t) => {
  const world = await openWorld(t, { hosts: [] })
  t.throws(() => openStateDir(world.settings.state), { code: 'unavailable' })
  await world.close(1000)
  t.doesNotThrow(() => openStateDir(world.settings.state).close())
})

t.test('a state that others may read is refused', async (t) => {
  const dir = join(t.testdir(), 'state')
  mkdirSync(dir)
  chmodSync(dir, 0o755)
  t.throws(() => openStateDir(dir), { code: 'denied', hint: `close it: chmod 700 ${dir}` })
})

t.test('"drover master" serves until SIGTERM, and ends well', async (t) => {
  // The path of its socket must be short.
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const args = ['--site', 'examples/site', '--state', join(dir, 's'), '--listen', '127.0.0.1:0']
  const master = spawn(process.execPath, ['dist/cli/main.js', 'master', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const ready = new Promise<void>((done) => {
    master.stderr.on('data', (bytes) => {
      said += bytes
      if (said.includes('msg=ready')) done()
    })
  })
  const ended = new Promise<number | null>((done) => master.on('exit', (code) => done(code)))
  await Promise.race([ready, ended])
  master.kill('SIGTERM')
  t.equal(await ended, 0, said)
  t.match(said, /msg=stopped/)
})

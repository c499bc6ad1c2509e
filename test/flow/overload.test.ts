import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import t from 'tap'
import { sha256 } from '../../lib/sha256.ts'
import { openStore } from '../../master/store/store.ts'
import { openWorld, type Peer } from '../helpers/master-world.ts'

const BODY = Buffer.from(JSON.stringify({ outcomes: [], owed: [] }))
const FACTS = Buffer.from(JSON.stringify({ os: { id: 'debian' } }))
// An agent may send 300 at one go and ten more a second.
const OFFERED = 1000
const IN_FLIGHT = 6
const RUNAWAYS = ['b', 'c', 'd', 'e', 'f', 'g']
// With that of all clients, which are in the same process.
const MAX_GROWTH_MB = 400
const MAX_ANSWER_MS = 5000

const report = (run_id: string) => [
  {
    head: {
      run_id,
      kind: 'RUN_KIND_APPLY',
      trigger: 'RUN_TRIGGER_SWEEP',
      started_at: Date.now(),
      counts: { changed: 1 },
      body_sha256: sha256(BODY),
      body_bytes: BODY.length,
    },
  },
  { data: BODY },
]

t.setTimeout(120_000)

t.test('agents that report without end are held back, each by itself', async (t) => {
  const world = await openWorld(t, { hosts: ['a', ...RUNAWAYS] })
  const connect = (name: string) =>
    world.connect('Agent', world.master.main, world.hosts.get(name)?.pair ?? null)
  const honest = connect('a')
  const before = process.memoryUsage().rss
  let peak = before
  const acknowledged: string[] = []
  const refused = new Map<number, number>()
  const offer = async (peer: Peer, count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      const run_id = randomUUID()
      const { code } = await peer.call('PutReport', ...report(run_id))
      if (code === status.OK) acknowledged.push(run_id)
      else refused.set(code, (refused.get(code) ?? 0) + 1)
      peak = Math.max(peak, process.memoryUsage.rss())
    }
  }
  const timed = async () => {
    const began = performance.now()
    const { code } = await honest.call('GetCatalog', { known_sha256: '' })
    t.equal(code, status.OK, 'an honest agent gets its catalog')
    return performance.now() - began
  }
  const stream = honest.open('Follow')
  stream.write({ hello: { version: '1', now: Date.now() } })
  await stream.until(({ message }) => message === 'welcome')
  await honest.call('PutFacts', { facts: FACTS })
  await stream.until(({ message }) => message === 'catalog')
  await timed()

  const began = performance.now()
  const flood = Promise.all(
    RUNAWAYS.flatMap((name) => {
      const peer = connect(name)
      return Array.from({ length: IN_FLIGHT }, () => offer(peer, Math.ceil(OFFERED / IN_FLIGHT)))
    }),
  )
  t.ok((await timed()) < MAX_ANSWER_MS, 'while it goes on')
  const own = randomUUID()
  t.equal((await honest.call('PutReport', ...report(own))).code, status.OK, 'and its report is taken')
  await flood
  const ms = performance.now() - began
  t.ok((await timed()) < MAX_ANSWER_MS, 'and when it is over')

  t.strictSame([...refused.keys()], [status.RESOURCE_EXHAUSTED], 'what is refused is told why')
  const allowed = RUNAWAYS.length * (300 + Math.ceil(ms / 100))
  t.ok(acknowledged.length <= allowed, `${acknowledged.length} were taken where ${allowed} may be`)
  t.ok(acknowledged.length >= RUNAWAYS.length * 300, 'and no fewer than they may send at one go')
  const grownMb = (peak - before) / 2 ** 20
  t.comment(`${Math.round(ms)} ms, ${acknowledged.length} taken, ${[...refused.values()]} refused`)
  t.ok(grownMb < MAX_GROWTH_MB, `${Math.round(grownMb)} MB more`)

  await world.close(20_000)
  const store = await openStore(join(world.settings.state, 'master.db'), Date.now)
  t.teardown(() => store.close())
  const lost: string[] = []
  for (const id of [...acknowledged, own]) if (!(await store.runs.get(id))) lost.push(id)
  t.strictSame(lost, [], 'what was acknowledged is stored')
})

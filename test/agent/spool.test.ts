import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSpool, type Report, type Spool } from '../../agent/spool.ts'
import { runId } from '../../lib/run-id.ts'
import { sha256 } from '../../lib/sha256.ts'

let clock = 0
const idOf = () => runId(++clock, new Uint8Array(10))

function report(counts: { changed?: number; planned?: number } = {}, bytes = 20): Report {
  const body = Buffer.alloc(bytes, 'x')
  const head = {
    run_id: idOf(),
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_SWEEP',
    counts: { settled: 1, planned: 0, changed: 0, failed: 0, skipped: 0, ...counts },
    body_sha256: sha256(body),
    body_bytes: body.length,
  } as const
  return { head, body }
}

const CHANGED = { changed: 1 }

/** Brings all to a master that answers each time. */
function drain(spool: Spool): Report[] {
  const came: Report[] = []
  for (let next = spool.next(); next !== null; next = spool.next()) {
    came.push(next)
    spool.delivered(next.head.run_id)
  }
  return came
}

t.test('reports come out in their order, whole, also after a restart', async (t) => {
  const dir = t.testdir()
  const given = [report(CHANGED), report({ planned: 1 }), report(CHANGED, 300_000)]
  const spool = openSpool(dir)
  for (const one of given) {
    spool.begin(one.head)
    spool.end(one)
  }
  t.equal(spool.waiting, 3)
  t.same(drain(openSpool(dir)), given)
  t.equal(openSpool(dir).waiting, 0)
})

t.test('a run that never ended is reported as that, under the id that it began with', async (t) => {
  const dir = t.testdir()
  const { head } = report()
  openSpool(dir).begin(head)
  const [cut, ...others] = drain(openSpool(dir))
  t.same(others, [])
  t.match(cut?.head, { run_id: head.run_id, problem: { code: 'unavailable', reason: /ended in the middle/ } })
  t.equal(cut?.head.body_sha256, sha256(cut?.body ?? ''))
})

t.test(
  'unchanged runs become one report with a count, and one that may be sent is left as it is',
  async (t) => {
    const dir = t.testdir()
    const spool = openSpool(dir)
    for (let i = 0; i < 5; i += 1) spool.end(report())
    t.equal(spool.waiting, 1)
    const sent = spool.next()
    t.equal(sent?.head.unchanged_runs, 4)
    for (let i = 0; i < 3; i += 1) spool.end(report())
    t.same(spool.next(), sent, 'what may be at the master stays the same to the byte')
    t.same(openSpool(dir).next(), sent, 'also after a restart')
    const [first, second] = drain(openSpool(dir))
    t.same(first, sent)
    t.equal(second?.head.unchanged_runs, 2)
  },
)

t.test('a kill between the count and the removal of what it counts does not count twice', async (t) => {
  const dir = t.testdir()
  const spool = openSpool(dir)
  const first = report()
  spool.end(first)
  const path = join(dir, 'spool', `${first.head.run_id}.run`)
  const bytes = readFileSync(path)
  spool.end(report())
  writeFileSync(path, bytes)
  t.same(
    drain(openSpool(dir)).map(({ head }) => head.unchanged_runs),
    [1],
  )
})

t.test('a full spool drops what says least, oldest first, and tells how many', async (t) => {
  const dir = t.testdir()
  const lost: string[] = []
  const spool = openSpool(dir, { maxBytes: 50_000, lost: (_what, id) => lost.push(id) })
  const changed = [report(CHANGED, 10_000), report(CHANGED, 10_000)]
  const due = [report({ planned: 1 }, 10_000), report({ planned: 1 }, 10_000)]
  const unchanged = report({}, 10_000)
  const last = report(CHANGED, 25_000)
  for (const one of [due[0], changed[0], unchanged, due[1], changed[1], last] as Report[]) spool.end(one)
  t.same(
    lost,
    [unchanged, ...due].map(({ head }) => head.run_id),
    'what changed is kept longest',
  )
  const came = drain(openSpool(dir))
  t.same(
    came.map(({ head }) => [head.run_id, head.dropped_reports ?? 0]),
    [
      [changed[0]?.head.run_id, 3],
      [changed[1]?.head.run_id, 0],
      [last.head.run_id, 0],
    ],
  )
})

t.test('a record that is torn or flipped at any byte is set aside and blocks nothing', async (t) => {
  const good = report(CHANGED)
  const sample = t.testdir({ sample: {} })
  openSpool(join(sample, 'sample')).end(good)
  const name = `${good.head.run_id}.run`
  const bytes = readFileSync(join(sample, 'sample', 'spool', name))
  const hurts = [...bytes.keys()]
    .filter((at) => at % 29 === 0 || (at > 60 && at < 70))
    .flatMap((at) => {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 0x20
      return [flipped, bytes.subarray(0, at)]
    })
  const dir = t.testdir()
  const next = report(CHANGED)
  for (const hurt of hurts) {
    openSpool(dir).end(good)
    writeFileSync(join(dir, 'spool', name), hurt)
    const spool = openSpool(dir)
    spool.end(next)
    const came = drain(spool)
    if (came.length !== 1 || came[0]?.head.dropped_reports !== 1)
      t.fail('one came, and told of the other', { came })
  }
  t.ok(readdirSync(join(dir, 'spool', 'aside')).length <= 16, 'few are kept to look at')
  t.pass(`${hurts.length} kinds of damage`)
})

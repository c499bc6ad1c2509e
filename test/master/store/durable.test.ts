import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openFile } from '../../../master/store/open-file.ts'
import { openStore } from '../../../master/store/store.ts'
import { killedAt, SYNC, WRITE } from './kill.ts'
import { changed, idOf, join1, makeStore, NOW, report } from './make-store.ts'
import { later } from './migrate-once.ts'

const LOAD = new URL('./load.js', import.meta.url)
const MIGRATE = new URL('./migrate-once.js', import.meta.url)
const CALLERS = 8

const POINTS = [
  ...[1, 2, 3, 5, 7, 10, 14, 20].map((n) => [SYNC, n] as const),
  // A process that is killed leaves what it has written to the kernel: what is lost is what it had not.
  ...[30, 70, 110, 160, 230, 310, 420].map((n) => [WRITE, n] as const),
]

t.test('what was acknowledged is there after a kill at any fsync, and amid any write', async (t) => {
  const dir = t.testdir()
  const path = join(dir, 'store.db')
  let kills = 0
  let acknowledged = 0
  const before = new Set<string>()
  for (const [calls, n] of POINTS) {
    const { said, killed } = killedAt(calls, n, [LOAD, path, `${calls} ${n}`, `${CALLERS}`])
    kills += killed ? 1 : 0
    acknowledged += said.length
    // It also looks whether the file is whole.
    const store = await openStore(path, () => NOW)
    const rows = (await store.runs.list({ limit: 100_000 })).map(({ run_id }) => run_id)
    const lost = said.filter((id) => !rows.includes(id))
    t.same(lost, [], `${calls} ${n}: none of ${said.length} is lost`)
    const fresh = rows.filter((id) => !before.has(id))
    t.ok(
      fresh.length <= said.length + CALLERS,
      `${calls} ${n}: ${fresh.length} are there, and what was under way`,
    )
    const changes = await store.runs.changes({
      hostId: (await store.hosts.list())[0]?.id ?? '',
      since: 0,
      until: NOW + 1,
      limit: 100_000,
    })
    t.equal(changes.length, 2 * rows.length, 'each with all of its changes')
    for (const id of rows) before.add(id)
    await store.close()
  }
  t.ok(kills >= 10, `${kills} were killed`)
  t.ok(acknowledged > 0, `${acknowledged} were acknowledged`)
})

t.test(
  'a migration that is killed leaves the old schema or the new one, and is done the next time',
  async (t) => {
    const dir = t.testdir()
    const old = join(dir, 'old.db')
    const store = await openStore(old, () => NOW)
    const host = await join1(store)
    await store.runs.record(report(host, 'one', [changed('file:/a')]))
    await store.close()
    let kills = 0
    for (let n = 1; n <= 12; n++) {
      mkdirSync(join(dir, `${n}`))
      const path = join(dir, `${n}`, 'store.db')
      cpSync(old, path)
      const { killed } = killedAt(SYNC, n, [MIGRATE, path])
      kills += killed ? 1 : 0
      const connection = await openFile(path, later)
      const mood = await connection.db.selectFrom('runs').selectAll().executeTakeFirst()
      t.match(mood, { run_id: idOf('one'), mood: 'good' }, `fsync ${n}`)
      t.equal(
        (
          await connection.db
            .selectFrom('moods' as 'runs')
            .selectAll()
            .execute()
        ).length,
        1,
      )
      connection.close()
      if (!killed) break
    }
    t.ok(kills >= 3, `${kills} were killed`)
  },
)

t.test('an older drover refuses a database that a newer one made, and its copy can be used', async (t) => {
  const path = join(t.testdir(), 'store.db')
  await (await openStore(path, () => NOW)).close()
  const newer = await openFile(path, later)
  newer.close()
  const copy = `${path}.before-9001-moods`
  t.ok(existsSync(copy))
  await t.rejects(
    openStore(path, () => NOW),
    {
      code: 'conflict',
      message: /newer drover: it has 9001-moods/,
      hint: new RegExp(`restore "${copy}"`),
    },
  )
  await (await openStore(copy, () => NOW)).close()
})

t.test('a copy that is made under load is whole, and the history up to a moment', async (t) => {
  const store = await makeStore(t)
  const host = await join1(store)
  let stop = false
  const ids: string[] = []
  const load = async () => {
    for (let i = 0; !stop; i++) {
      const one = report(host, `run ${i}`, [changed('file:/a')], { at: NOW + i })
      ids.push(one.head.run_id)
      await store.runs.record(one)
    }
  }
  const loading = load()
  const copies = []
  for (let i = 0; i < 8; i++) {
    const to = `${store.path}.copy${i}`
    const from = ids.length
    const { bytes, sha256 } = await store.backup(to)
    t.match({ bytes, sha256 }, { bytes: Number, sha256: /^[0-9a-f]{64}$/ })
    copies.push({ to, from, until: ids.length })
  }
  stop = true
  await loading
  for (const { to, from, until } of copies) {
    const copy = await openStore(to, () => NOW)
    const rows = (await copy.runs.list({ limit: 100_000 })).map(({ run_id }) => run_id).reverse()
    t.same(rows, ids.slice(0, rows.length), 'nothing is missing in between')
    t.ok(rows.length >= from - 1 && rows.length <= until, `${rows.length} of ${from} to ${until}`)
    t.same(await copy.integrity(), [])
    await copy.close()
  }
  await t.rejects(store.backup(`${store.path}.copy0`), { code: 'conflict' })
})

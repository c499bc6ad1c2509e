import { join } from 'node:path'
import t from 'tap'
import { Failure } from '../../../lib/failure.ts'
import { Commits } from '../../../master/store/commits.ts'
import { migrations } from '../../../master/store/migrate.ts'
import { openFile } from '../../../master/store/open-file.ts'
import type { Connection } from '../../../master/store/sqlite.ts'
import type { Db } from '../../../master/store/tables.ts'

const role = (db: Db, name: string) =>
  db
    .insertInto('assignments')
    .values({ host: 'web1', role: name, assigned_at: 1, assigned_by: 'anna' })
    .execute()
const roles = async (db: Db) =>
  (await db.selectFrom('assignments').select('role').execute()).map((row) => row.role)

/** Counts commits, and can have one fail. */
async function open(t: { testdir(): string; teardown(done: () => void): void }) {
  const connection = await openFile(join(t.testdir(), 'store.db'), migrations)
  t.teardown(() => connection.close())
  const counted = { commits: 0, fails: false }
  const watched: Connection = Object.assign(Object.create(connection), {
    commit() {
      counted.commits += 1
      if (counted.fails) throw new Failure('unavailable', 'no room')
      connection.commit()
    },
  })
  const commits = new Commits(watched)
  const add = (run: (db: Db) => Promise<unknown>) =>
    new Promise((resolve, reject) => {
      commits.add({
        run,
        settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value)),
      })
    })
  return { connection, counted, add }
}

t.test('many changes share one commit', async (t) => {
  const { connection, counted, add } = await open(t)
  await Promise.all(Array.from({ length: 100 }, (_, i) => add((db) => role(db, `r${i}`))))
  t.ok(counted.commits <= 5, `${counted.commits} commits`)
  t.equal((await roles(connection.db)).length, 100)
})

t.test('a change that fails is undone by itself, and leaves the others of its commit', async (t) => {
  const { connection, counted, add } = await open(t)
  const done = await Promise.allSettled([
    add((db) => role(db, 'before')),
    add(async (db) => {
      await role(db, 'half')
      throw new Failure('conflict', 'not this one')
    }),
    add(async (db) => {
      await role(db, 'other half')
      // What the database refuses, it refuses for this change alone too.
      await role(db, 'before')
    }),
    add((db) => role(db, 'after')),
  ])
  t.same(
    done.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  t.match(done[1], { reason: { code: 'conflict' } })
  t.equal(counted.commits, 1)
  t.same(new Set(await roles(connection.db)), new Set(['before', 'after']))
})

t.test('no change is acknowledged when the commit fails, and the next commit can do', async (t) => {
  const { connection, counted, add } = await open(t)
  counted.fails = true
  const done = await Promise.allSettled([add((db) => role(db, 'a')), add((db) => role(db, 'b'))])
  t.match(done, [
    { status: 'rejected', reason: { code: 'unavailable' } },
    { status: 'rejected', reason: { code: 'unavailable' } },
  ])
  t.same(await roles(connection.db), [])
  counted.fails = false
  await add((db) => role(db, 'c'))
  t.same(await roles(connection.db), ['c'])
})

t.test('a change that comes while another is committed is not forgotten', async (t) => {
  const { connection, add } = await open(t)
  for (let i = 0; i < 50; i++) await add((db) => role(db, `r${i}`))
  await add((db) => role(db, 'x')).then(() => add((db) => role(db, 'y')))
  t.equal((await roles(connection.db)).length, 52)
})

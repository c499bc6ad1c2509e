import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readLedger } from '../../agent/ledger-file.ts'
import { type Local, openSession } from '../../agent/local.ts'
import { undoingOf } from '../../agent/undo.ts'
import { readUndoLog, undoableRuns } from '../../agent/undo-log.ts'
import type { Resource } from '../../lib/catalog.ts'
import { MAX_UNDO_RUNS, UNDO_MS } from '../../lib/limits.ts'
import type { Outcome } from '../../lib/outcome.ts'
import { runId } from '../../lib/run-id.ts'
import { sha256 } from '../../lib/sha256.ts'
import { declared, localOf, mine } from '../helpers/local.ts'

const TEXTS = ['first', 'second', 'third']
const blobs = new Map(TEXTS.map((text) => [sha256(text), Buffer.from(text)]))
const holding = (text: string) => ({ ...mine, sha256: sha256(text) })

/** A host whose runs can be undone. */
function world(t: Test) {
  const { local, path, stateDir } = localOf(t, () => [])
  let runs = 0
  const now = Date.now()
  const sessionOf = (resources: readonly Resource[], more: Partial<Local> = {}) =>
    openSession({ ...local, blobs, catalog: { ...local.catalog, roles: [], resources }, ...more })
  /** Applies, as the run whose id is returned. */
  const apply = async (resources: readonly Resource[], at = now) => {
    runs += 1
    const id = runId(at + runs, Buffer.alloc(10, runs))
    const session = sessionOf(resources, { runId: id })
    const { outcomes } = await session.apply()
    session.close()
    return { id, outcomes }
  }
  const undo = async (run: string, resources: readonly Resource[], mode: 'check' | 'apply') => {
    runs += 1
    const id = runId(now + runs, Buffer.alloc(10, runs))
    const session = sessionOf(resources, { runId: id, undo: undoingOf(stateDir, run, resources) })
    const { outcomes } = mode === 'check' ? await session.check() : await session.apply()
    session.close()
    return { id, outcomes }
  }
  const file = (name: string, text: string) => declared('file', path(name), holding(text))
  const textOf = (name: string) => readFileSync(path(name), 'utf8')
  return { apply, undo, file, textOf, path, stateDir }
}

const briefly = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ id, status, stays }) => [id.slice(id.lastIndexOf('/') + 1), stays ?? status])

t.test('what a run changed is as it found it, in reverse, and drover forgets nothing of it', async (t) => {
  const { apply, undo, file, textOf, path, stateDir } = world(t)
  writeFileSync(path('theirs'), 'theirs', { mode: 0o640 })
  await apply([file('theirs', 'first')])
  const dir = declared('directory', path('dir'), { mode: '0755', ...mine })
  const all = [
    ...[file('theirs', 'second'), dir, { ...file('dir/made', 'third'), needs: [dir.id] }],
    declared('link', path('link'), { to: 'elsewhere' }),
  ]
  const { id } = await apply(all)
  const shown = await undo(id, all, 'check')
  t.strictSame(
    briefly(shown.outcomes),
    ['link', 'made', 'dir', 'theirs'].map((name) => [name, 'planned']),
    'what was changed last goes first',
  )
  t.match(shown.outcomes[0], { leaves: { how: 'undo' } })
  t.equal(textOf('theirs'), 'second', 'a plan changes nothing')

  const undone = await undo(id, all, 'apply')
  t.strictSame([...new Set(undone.outcomes.map(({ status }) => status))], ['changed'])
  t.equal(textOf('theirs'), 'first', 'as the run found it, which is not as it was before drover')
  for (const name of ['dir', 'link']) t.notOk(existsSync(path(name)), name)
  t.equal(readLedger(stateDir).entries.length, all.length)
  t.strictSame(
    briefly((await undo(id, all, 'check')).outcomes).map(([, status]) => status),
    [...['settled', 'settled', 'settled', 'settled']],
  )

  const again = await undo(undone.id, all, 'apply')
  t.strictSame([...new Set(again.outcomes.map(({ status }) => status))], ['changed'])
  t.strictSame(
    (await apply(all)).outcomes.map(({ status }) => status),
    all.map(() => 'settled'),
  )

  await apply([])
  t.equal(textOf('theirs'), 'theirs', 'when its role goes it is as it was before drover')
  t.equal(statSync(path('theirs')).mode & 0o777, 0o640)
  t.notOk(existsSync(path('dir')))
})

t.test('what a command did can not be undone, and is said', async (t) => {
  const { apply, undo, file, path } = world(t)
  const script = declared('command', path('count'), {
    argv: ['sh', '-c', `echo ran >> ${path('ran')}`],
    creates: path('ran'),
  })
  const conf = file('conf', 'first')
  const { id } = await apply([conf, script])
  const { outcomes } = await undo(id, [conf, script], 'apply')
  t.match(briefly(outcomes), [
    ['count', 'what it did can not be taken back'],
    ['conf', 'changed'],
  ])
  t.ok(existsSync(path('ran')), 'what a command did stays')
})

t.test('what was removed since a role went is there again, and what changed again is told', async (t) => {
  const { apply, undo, file, textOf, path } = world(t)
  const first = await apply([file('a', 'first'), file('b', 'first')])
  const second = await apply([file('a', 'second')])
  t.notOk(existsSync(path('b')))
  const { outcomes } = await undo(first.id, [file('a', 'second')], 'check')
  t.match(outcomes.find(({ id }) => id.endsWith('/a'))?.leaves, { how: 'undo', also: [second.id] })
  await undo(second.id, [file('a', 'second')], 'apply')
  t.equal(textOf('a'), 'first')
  t.equal(textOf('b'), 'first')
})

t.test('a secret is not kept, and what was there stays', async (t) => {
  const { apply, undo, file, textOf, stateDir } = world(t)
  const sealed = (text: string): Resource => ({ ...file('key', text), secrets: ['app/key'] }) as Resource
  await apply([sealed('first')])
  const { id } = await apply([sealed('second')])
  const { outcomes } = await undo(id, [sealed('second')], 'apply')
  t.match(outcomes, [{ status: 'settled', stays: /may hold a secret/ }])
  t.equal(textOf('key'), 'second')
  const kept = readdirSync(join(stateDir, 'undo'), { recursive: true, encoding: 'utf8' })
  t.notOk(kept.some((name) => name.includes(sha256('first'))))
})

t.test('a run that was killed is known as far as it came', async (t) => {
  const { apply, undo, file, path, stateDir } = world(t)
  const all = [file('a', 'first'), file('b', 'second')]
  const { id } = await apply(all)
  t.equal(readUndoLog(stateDir, id).whole, true)
  const log = join(stateDir, 'undo/runs', id)
  const [one = ''] = readFileSync(log, 'utf8').split('\n')
  truncateSync(log, one.length + 20)
  t.match(readUndoLog(stateDir, id), { whole: false, found: [{ id: `file:${path('a')}` }] })
  t.strictSame(briefly((await undo(id, all, 'apply')).outcomes), [['a', 'changed']])
})

t.test('the oldest runs are let go, and a run that is not kept says so', async (t) => {
  const { apply, undo, file, path, stateDir } = world(t)
  writeFileSync(path('a'), 'theirs')
  const old = await apply([file('a', 'first')], Date.now() - UNDO_MS - 60_000)
  t.throws(() => readUndoLog(stateDir, old.id), { code: 'not-found' }, 'older than it may be')
  const { id } = await apply([file('a', 'second')])
  for (let i = 0; i < MAX_UNDO_RUNS; i += 1)
    writeFileSync(join(stateDir, 'undo/runs', runId(Date.now() - 1000 - i, Buffer.alloc(10, 1))), '')
  await apply([file('a', 'third')])
  t.ok(undoableRuns(stateDir).length < MAX_UNDO_RUNS)
  t.ok(undoableRuns(stateDir).includes(id), 'the newest stay')
  await undo(id, [file('a', 'third')], 'apply')
  t.equal(readFileSync(path('a'), 'utf8'), 'first', 'with their content')
  const none = readdirSync(join(stateDir, 'undo/content')).filter((name) => name.endsWith('.new'))
  t.strictSame(none, [])
})

t.test('a run that changes nothing leaves nothing behind', async (t) => {
  const { apply, file, stateDir } = world(t)
  await apply([file('a', 'first')])
  const { id } = await apply([file('a', 'first')])
  t.throws(() => readUndoLog(stateDir, id), { code: 'not-found', about: id })
  for (const name of ['..', '../../ledger/entries', ''])
    t.throws(() => readUndoLog(stateDir, name), { code: 'not-found' })
  mkdirSync(join(stateDir, 'undo'), { recursive: true })
  t.equal(undoableRuns(stateDir).length, 1)
})

import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openJournal, readJournal } from '../../agent/journal.ts'
import type { ResourceId } from '../../lib/state.ts'
import { restartOn } from '../helpers/fake-host.ts'

const debt = { id: 'service:a.service', trigger: restartOn('file:/etc/a') } as const
const all = new Set<ResourceId>(['service:a.service', 'service:b.service'])

t.test('what is owed survives a run that never ends', async (t) => {
  const dir = t.testdir()
  const child = `
    import { openJournal } from '${new URL('../../agent/journal.js', import.meta.url)}'
    openJournal(${JSON.stringify(dir)}).owe([${JSON.stringify(debt)}])
    process.kill(process.pid, 'SIGKILL')`
  t.equal(spawnSync(process.execPath, ['--input-type=module', '-e', child]).signal, 'SIGKILL')
  t.match(readJournal(dir), { debts: [{ ...debt, begun: null }] })
  const next = openJournal(dir)
  t.match(next.debts('service:a.service'), [debt])
  next.begin('service:a.service', 'invocation 1')
  t.match(readJournal(dir).debts, [{ begun: 'invocation 1' }])
  next.paid('service:a.service')
  next.finish(all)
  t.same(readJournal(dir).debts, [])
})

t.test('a cause that comes after a reaction was begun makes it due again', async (t) => {
  const dir = t.testdir()
  const journal = openJournal(dir)
  journal.owe([debt])
  journal.begin(debt.id, 'invocation 1')
  journal.owe([{ ...debt, trigger: restartOn('file:/etc/other') }])
  t.match(readJournal(dir).debts, [{ begun: null }, { begun: null }])
  journal.finish(all)
  t.equal(readJournal(dir).debts.length, 2, 'a debt outlives the run that made it')
})

t.test('a debt of a resource that is gone is forgotten', async (t) => {
  const dir = t.testdir()
  const journal = openJournal(dir)
  journal.owe([debt])
  journal.finish(new Set())
  t.same(readJournal(dir).debts, [])
})

t.test('a torn or damaged tail is no entry, at whatever byte it was torn', async (t) => {
  const dir = t.testdir()
  const journal = openJournal(dir)
  journal.owe([debt])
  const whole = readFileSync(join(dir, 'journal')).length
  journal.owe([{ id: 'service:b.service', trigger: debt.trigger }])
  const end = readFileSync(join(dir, 'journal')).length
  for (let at = end - 1; at > whole; at--) {
    truncateSync(join(dir, 'journal'), at)
    if (readJournal(dir).debts.length > (at === end - 1 ? 2 : 1)) t.fail(`torn at byte ${at}`)
  }
  appendFileSync(join(dir, 'journal'), 'garbage\n')
  t.match(readJournal(dir).debts, [debt])
  journal.finish(all)
})

t.test('one run at a time, and a check beside it', async (t) => {
  const dir = t.testdir()
  const journal = openJournal(dir)
  t.throws(() => openJournal(dir), { code: 'unavailable', message: /another run/ })
  t.same(readJournal(dir).debts, [])
  journal.finish(all)
  openJournal(dir).finish(all)
})

t.test('a host that never ran anything owes nothing', async (t) => {
  t.same(readJournal(join(t.testdir(), 'none')), { debts: [], directories: [], interrupted: false })
})

t.test('a journal that could not be opened, or not be finished, does not keep the lock', async (t) => {
  const dir = t.testdir({ journal: {} })
  t.throws(() => openJournal(dir), { code: 'EISDIR' })
  rmdirSync(join(dir, 'journal'))
  const journal = openJournal(dir)
  // Nothing can be written there, as on a disk that is full.
  mkdirSync(join(dir, 'journal.new'))
  t.throws(() => journal.finish(all), { code: 'EISDIR' })
  rmdirSync(join(dir, 'journal.new'))
  openJournal(dir).finish(all)
})

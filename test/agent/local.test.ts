import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { openHost } from '../../agent/host.ts'
import { check, openSession } from '../../agent/local.ts'
import { declared, localOf, mine } from '../helpers/local.ts'

t.test('a check makes nothing, not even a folder for its state', async (t) => {
  const { local, stateDir } = localOf(t, (target) => [declared('file', `${target}/a`, mine)])
  t.match((await check(local)).outcomes, [{ status: 'planned' }])
  t.notOk(existsSync(stateDir))
})

t.test('a reviewed plan that still holds is performed', async (t) => {
  const { local, path } = localOf(t, (target) => [declared('file', `${target}/a`, mine)])
  const session = openSession(local)
  const { outcomes } = await session.check()
  t.match((await session.apply(outcomes)).outcomes, [{ status: 'changed' }])
  session.close()
  t.ok(existsSync(path('a')))
})

t.test('a step that a reviewed plan did not show is not performed', async (t) => {
  const { local, path } = localOf(t, (target) => [
    declared('file', `${target}/a`, { ...mine, mode: '0600' }),
    declared('file', `${target}/b`, { ...mine, mode: '0600' }),
  ])
  writeFileSync(path('b'), 'kept', { mode: 0o600 })
  const session = openSession(local)
  const { outcomes } = await session.check()
  t.match(outcomes, [{ status: 'planned' }, { status: 'settled' }])
  // Between the last look and the apply somebody makes the one and opens the other.
  writeFileSync(path('a'), 'theirs', { mode: 0o644 })
  writeFileSync(path('b'), 'kept')
  chmodSync(path('b'), 0o644)
  const { outcomes: done } = await session.apply(outcomes)
  session.close()
  t.match(done, [
    { status: 'failed', code: 'conflict', reason: /would now chmod something that the plan did not show/ },
    { status: 'failed', code: 'conflict' },
  ])
  t.equal(readFileSync(path('a'), 'utf8'), 'theirs')
})

t.test('what follows a command may be what nobody could show', async (t) => {
  const { local, path } = localOf(t, (target) => [
    declared('command', 'make', {
      argv: ['/bin/sh', '-c', `umask 022; echo x > ${target}/a`],
      creates: `${target}/a`,
    }),
    declared('file', `${target}/a`, { ...mine, mode: '0600', absent: true }, ['command:make']),
  ])
  const session = openSession(local)
  const { outcomes } = await session.check()
  t.match(outcomes[0], { status: 'planned' })
  const { outcomes: done } = await session.apply(outcomes)
  session.close()
  t.match(done, [{ status: 'changed' }, { status: 'changed' }])
  t.notOk(existsSync(path('a')))
})

t.test('one session at a time', async (t) => {
  const { local } = localOf(t, () => [])
  const session = openSession(local)
  t.throws(() => openSession(local), { code: 'unavailable', message: /another run/ })
  session.close()
  openSession(local).close()
})

t.test('a state that can not be read is said to be that', async (t) => {
  const { local, stateDir } = localOf(t, () => [])
  writeFileSync(stateDir, 'no folder')
  const refusal = { code: 'denied', about: stateDir, message: /its state can't be read or kept/ }
  await t.rejects(check(local), refusal)
  t.throws(() => openSession(local), refusal)
})

t.test('what a look has found is what a run about the same begins with, and no other', async (t) => {
  const { local, path, stateDir } = localOf(t, (target) => [declared('file', `${target}/a`, mine)])
  const live = openHost(stateDir)
  let forgotten = 0
  const forget = () => {
    forgotten += 1
    live.forget()
  }
  const host = { ...live, forget }
  const mineOnly = new Set([`file:${path('a')}` as const])
  const after = async (work: () => Promise<unknown>, times: number, why: string) => {
    forgotten = 0
    await work()
    t.equal(forgotten, times, why)
  }
  await after(() => check({ ...local, host }, mineOnly), 1, 'a look finds all anew')
  const session = openSession({ ...local, host })
  await after(() => session.check(undefined, mineOnly), 0, 'what follows it goes by that')
  await after(() => session.apply(undefined, mineOnly), 1, 'until it has performed a step')
  await after(() => session.apply(), 1, 'a run about all')
  session.close()
})

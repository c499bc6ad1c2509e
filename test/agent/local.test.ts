import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'valibot'
import { check, type Local, openSession } from '../../agent/local.ts'
import type { Resource } from '../../lib/catalog.ts'
import { states } from '../../states/index.ts'

const me = userInfo().username

function resource(
  type: string,
  name: string,
  props: object,
  needs: readonly `${string}:${string}`[] = [],
): Resource {
  const state = states.get(type)
  if (state === undefined) throw new Error(type)
  return {
    id: `${type}:${name}`,
    type,
    name,
    props: parse(state.props, props) as Resource['props'],
    needs,
    reactions: [],
    timeoutMs: null,
    onRemove: null,
    tags: [],
    origins: [],
  }
}

/** What a run of these resources is made of, in folders of the test. */
function localOf(t: Test, resources: (target: string) => readonly Resource[]) {
  const dir = t.testdir({ target: {} })
  const never = new AbortController().signal
  const catalog = {
    format: 1,
    host: 'a',
    site: { name: 'x' },
    omitted: [],
    checks: [],
    exports: {},
    blobs: {},
    secrets: {},
  } as const
  const local: Local = {
    catalog: { ...catalog, resources: resources(join(dir, 'target')) },
    blobs: new Map(),
    states,
    stateDir: join(dir, 'state'),
    tell: () => undefined,
    waiting: () => undefined,
    signal: never,
    kill: never,
  }
  return { local, path: (name: string) => join(dir, 'target', name), stateDir: join(dir, 'state') }
}

const owned = { owner: me, group: null }

t.test('a check makes nothing, not even a folder for its state', async (t) => {
  const { local, stateDir } = localOf(t, (target) => [resource('file', `${target}/a`, owned)])
  t.match((await check(local)).outcomes, [{ status: 'planned' }])
  t.notOk(existsSync(stateDir))
})

t.test('a reviewed plan that still holds is performed', async (t) => {
  const { local, path } = localOf(t, (target) => [resource('file', `${target}/a`, owned)])
  const session = openSession(local)
  const { outcomes } = await session.check()
  t.match((await session.apply(outcomes)).outcomes, [{ status: 'changed' }])
  session.close()
  t.ok(existsSync(path('a')))
})

t.test('a step that a reviewed plan did not show is not performed', async (t) => {
  const { local, path } = localOf(t, (target) => [
    resource('file', `${target}/a`, { ...owned, mode: '0600' }),
    resource('file', `${target}/b`, { ...owned, mode: '0600' }),
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
    resource('command', 'make', {
      argv: ['/bin/sh', '-c', `umask 022; echo x > ${target}/a`],
      creates: `${target}/a`,
    }),
    resource('file', `${target}/a`, { ...owned, mode: '0600', absent: true }, ['command:make']),
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

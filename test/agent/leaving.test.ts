import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readLedger } from '../../agent/ledger-file.ts'
import { check, type Local, openSession } from '../../agent/local.ts'
import { bringBack, quarantined, tidyQuarantine } from '../../agent/quarantine.ts'
import type { Catalog, Resource } from '../../lib/catalog.ts'
import { QUARANTINE_MS } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import { states } from '../../states/index.ts'
import { declared, localOf, mine } from '../helpers/local.ts'

const OURS = sha256('ours')
const ours = { ...mine, sha256: OURS }
const origins = [{ role: 'web', file: 'roles/web/role.yaml', line: 3, column: 5 }]

/** A host whose catalog may become another one from run to run. */
function world(t: Test) {
  const { local, path, stateDir } = localOf(t, () => [])
  const localWith = (resources: readonly Resource[], more: Partial<Catalog> = {}): Local => ({
    ...local,
    blobs: new Map([[OURS, Buffer.from('ours')]]),
    catalog: { ...local.catalog, roles: [], resources, ...more },
  })
  const applied = async (
    resources: readonly Resource[],
    more: Partial<Catalog> = {},
    known: Local['states'] = states,
  ) => {
    const session = openSession({ ...localWith(resources, more), states: known })
    try {
      return await session.apply()
    } finally {
      session.close()
    }
  }
  const apply = async (...resources: readonly Resource[]) => (await applied(resources)).outcomes
  const plan = async (...resources: readonly Resource[]) => (await check(localWith(resources))).outcomes
  const make = (type: string, name: string, props: object, more: Partial<Resource> = {}): Resource => ({
    ...declared(type, path(name), props),
    origins,
    ...more,
  })
  const file = (name: string, props: object = ours, more: Partial<Resource> = {}) =>
    make('file', name, props, more)
  const owned = () => readLedger(stateDir).entries.map(({ id }) => id)
  return { applied, apply, plan, make, file, path, owned, stateDir, check: localWith }
}

const directory = { mode: '0755', owner: mine.owner, group: mine.group, keep: [] }

t.test('what drover made goes, what it changed is as it was, and a plan shows both first', async (t) => {
  const { apply, plan, file, make, path, owned } = world(t)
  writeFileSync(path('changed'), 'theirs', { mode: 0o640 })
  writeFileSync(path('mode'), 'theirs', { mode: 0o600 })
  symlinkSync('elsewhere', path('link'))
  const [dir, made] = [make('directory', 'dir', directory), file('dir/made')]
  const needs = { needs: [dir.id] }
  await apply(
    ...[dir, { ...made, ...needs }, file('changed'), file('link')],
    file('mode', { ...mine, sha256: null, mode: '0755' }),
    make('link', 'new-link', { to: 'x' }),
  )
  const planned = await plan()
  t.strictSame(
    planned.map(({ id, status }) => [id.slice(id.lastIndexOf('/') + 1), status]),
    [...['new-link', 'mode', 'link', 'changed', 'made', 'dir']].map((name) => [name, 'planned']),
    'what needs another goes first',
  )
  t.match(planned[4], { leaves: { how: 'restore', role: 'web', place: 'roles/web/role.yaml:3' } })
  t.ok(existsSync(path('dir/made')), 'a plan changes nothing')
  const outcomes = await apply()
  t.strictSame([...new Set(outcomes.map(({ status }) => status))], ['changed'])
  t.equal(readFileSync(path('changed'), 'utf8'), 'theirs')
  t.equal(statSync(path('changed')).mode & 0o777, 0o640)
  t.equal(statSync(path('mode')).mode & 0o777, 0o600)
  t.equal(readFileSync(path('mode'), 'utf8'), 'theirs')
  t.equal(readlinkSync(path('link')), 'elsewhere')
  for (const name of ['dir', 'new-link']) t.notOk(lstatSync(path(name), { throwIfNoEntry: false }), name)
  t.strictSame(owned(), [])
  t.strictSame(await apply(), [], 'and that was all')
})

t.test('what another role still declares stays, and so does what drover found in order', async (t) => {
  const { apply, file, path, owned } = world(t)
  writeFileSync(path('found'), 'ours', { mode: 0o644 })
  await apply(file('shared'), file('found'))
  await apply(file('shared'))
  t.ok(existsSync(path('shared')))
  t.ok(existsSync(path('found')))
  t.strictSame(owned(), [`file:${path('shared')}`])
})

t.test('a directory that others have put something into stays, and is told once', async (t) => {
  const { apply, plan, make, path, owned } = world(t)
  await apply(make('directory', 'dir', directory))
  writeFileSync(path('dir/data'), 'theirs')
  const told = { status: 'settled', stays: /is not empty/, leaves: { how: 'restore' } }
  t.match(await plan(), [told])
  t.match(await apply(), [told])
  t.equal(readFileSync(path('dir/data'), 'utf8'), 'theirs')
  t.strictSame(owned(), [])
  t.strictSame(await apply(), [])
})

t.test('on_remove: keep, remove, quarantine', async (t) => {
  const { apply, plan, file, make, path, owned, stateDir } = world(t)
  for (const name of ['kept', 'removed', 'aside']) writeFileSync(path(name), 'theirs')
  await apply(
    file('kept', ours, { onRemove: 'keep' }),
    file('removed', ours, { onRemove: 'remove' }),
    file('aside', ours, { onRemove: 'quarantine' }),
    make('directory', 'data', directory, { onRemove: 'quarantine' }),
  )
  writeFileSync(path('aside'), 'ours', { mode: 0o600 })
  writeFileSync(path('data/theirs'), 'theirs')
  t.match(
    (await plan()).map((one) => ('steps' in one ? one.steps.map((step) => step.do) : one.stays)),
    [['quarantine'], ['quarantine', 'write'], ['remove'], /as its role said/],
  )
  await apply()
  t.equal(readFileSync(path('kept'), 'utf8'), 'ours')
  t.notOk(existsSync(path('removed')))
  t.equal(readFileSync(path('aside'), 'utf8'), 'theirs', 'in its place is what was there before')
  t.notOk(existsSync(path('data')))
  t.strictSame(owned(), [])
  const there = quarantined(stateDir)
  t.same(there.map((one) => one.path).sort(), [path('aside'), path('data')].sort())
  const data = there.find((one) => one.path === path('data'))
  t.match(bringBack(stateDir, data?.name ?? ''), { id: `directory:${path('data')}` })
  t.equal(readFileSync(path('data/theirs'), 'utf8'), 'theirs')
  const aside = quarantined(stateDir)
  t.equal(aside.length, 1)
  t.throws(() => bringBack(stateDir, aside[0]?.name ?? ''), { code: 'conflict', message: /something is at/ })
  t.throws(() => bringBack(stateDir, 'nobody'), { code: 'not-found' })
  tidyQuarantine(stateDir, Date.now() + QUARANTINE_MS - 60_000)
  t.equal(quarantined(stateDir).length, 1)
  tidyQuarantine(stateDir, Date.now() + QUARANTINE_MS + 60_000)
  t.same(quarantined(stateDir), [])
  t.notOk(existsSync(join(stateDir, 'quarantine', aside[0]?.name ?? 'x')))
})

t.test('what is paused when it leaves is left alone, and leaves when its pause has ended', async (t) => {
  const { apply, file, path, owned, check: localWith } = world(t)
  const made = file('made')
  await apply(made)
  const paused = new Map([[made.id, { by: 'anna', until: 1, reason: 'a test', isOver: false }]])
  const session = openSession({ ...localWith([]), paused })
  t.same((await session.apply()).outcomes, [])
  session.close()
  t.ok(existsSync(path('made')))
  t.same(owned(), [made.id])
  await apply()
  t.notOk(existsSync(path('made')))
})

t.test('nothing is taken back by an empty catalog, or when it is too much at once', async (t) => {
  const { applied, apply, file, path, owned, check: localWith } = world(t)
  const files = [file('a'), file('b'), file('c')]
  await apply(...files)
  const empty = await applied([], { roles: ['web'] })
  t.match(empty.held, { reason: /3 resources .* stay: the catalog is empty/ })
  t.match((await check(localWith([], { roles: ['web'] }))).held, { reason: /empty/ })
  const many = await applied([file('d')], { maxRemovals: 2 })
  t.match(many.held, { reason: /at most 2/, hint: /limits\.removals_per_host/ })
  t.match(many.outcomes, [{ id: `file:${path('d')}`, status: 'changed' }], 'all else is done')
  t.equal(owned().length, 4)
  for (const name of ['a', 'b', 'c']) t.ok(existsSync(path(name)))
  t.equal((await applied([file('d')], { maxRemovals: 3 })).held, null)
  t.strictSame(owned(), [`file:${path('d')}`])
})

t.test('a catalog of another host or site takes nothing back', async (t) => {
  const { applied, apply, file, path, owned } = world(t)
  await apply(file('a'))
  await applied([], { host: 'other' })
  await applied([], { site: { name: 'other' } })
  t.ok(existsSync(path('a')))
  t.equal(owned().length, 1)
})

t.test('what comes in its place has what was there before drover', async (t) => {
  const { apply, file, make, path, owned } = world(t)
  writeFileSync(path('a'), 'theirs')
  await apply(file('a'))
  t.match(await apply(make('link', 'a', { to: 'x', force: true })), [
    { id: `file:${path('a')}`, status: 'settled', stays: /another resource/ },
    { id: `link:${path('a')}`, status: 'changed' },
  ])
  t.equal(readlinkSync(path('a')), 'x')
  t.strictSame(owned(), [`link:${path('a')}`])
  await apply()
  t.equal(readFileSync(path('a'), 'utf8'), 'theirs')
})

t.test('lines are taken back one by one, and the file as it was where nobody else edited it', async (t) => {
  const { apply, make, path } = world(t)
  const theirs = 'first\nkey=old\nlast'
  writeFileSync(path('conf'), theirs)
  const lines = [
    make('line', 'conf#key', { text: 'key=new', match: '^key=' }),
    make('line', 'conf#more', { text: 'more=1' }),
  ]
  await apply(...lines)
  t.equal(readFileSync(path('conf'), 'utf8'), 'first\nkey=new\nlast\nmore=1\n')
  await apply()
  t.equal(readFileSync(path('conf'), 'utf8'), theirs, 'byte for byte')
  await apply(...lines)
  writeFileSync(path('conf'), 'first\nkey=new\nlast\nmore=1\ntheirs\n')
  await apply(make('line', 'conf#more', { text: 'more=1' }))
  t.equal(readFileSync(path('conf'), 'utf8'), 'first\nkey=old\nlast\nmore=1\ntheirs\n')
  await apply()
  t.equal(readFileSync(path('conf'), 'utf8'), 'first\nkey=old\nlast\ntheirs\n')
  await apply(make('line', 'made', { text: 'a.b(c)', create: true }))
  t.equal(readFileSync(path('made'), 'utf8'), 'a.b(c)\n')
  await apply()
  t.notOk(existsSync(path('made')))
})

t.test('what can not be taken back is tried again, and what it needs waits for it', async (t) => {
  const { applied, apply, make, file, path, owned } = world(t)
  const dir = make('directory', 'dir', directory)
  await apply(dir, file('dir/a', ours, { needs: [dir.id] }))
  const older = new Map([...states].filter(([type]) => type !== 'file'))
  const { outcomes } = await applied([], {}, older)
  t.match(outcomes, [
    {
      id: `file:${path('dir/a')}`,
      status: 'failed',
      reason: /knows no state "file"/,
      leaves: { how: 'restore' },
    },
    { id: dir.id, status: 'skipped', because: `file:${path('dir/a')}`, leaves: { how: 'restore' } },
  ])
  t.equal(owned().length, 2)
  await apply()
  t.strictSame(owned(), [])
  t.notOk(existsSync(path('dir')))
})

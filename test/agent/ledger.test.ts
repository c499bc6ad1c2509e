import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readLedger } from '../../agent/ledger-file.ts'
import { type Local, openSession } from '../../agent/local.ts'
import type { Resource } from '../../lib/catalog.ts'
import { MAX_PRE_IMAGE_BYTES, MAX_PRE_IMAGE_PATHS, MAX_PRE_IMAGES_BYTES } from '../../lib/limits.ts'
import { Secret } from '../../lib/secret.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { ResourceId } from '../../lib/state.ts'
import { declared, localOf, mine } from '../helpers/local.ts'

const OURS = sha256('ours')
const ours = { ...mine, sha256: OURS }

/** A host whose catalog may become another one from run to run. */
function world(t: Test) {
  const { local, path, stateDir } = localOf(t, () => [])
  const blobs = new Map([[OURS, Buffer.from('ours')]])
  const localWith = (resources: readonly Resource[]): Local => ({
    ...local,
    blobs,
    catalog: { ...local.catalog, resources },
  })
  const applyOnly = async (only: readonly ResourceId[] | null, ...resources: readonly Resource[]) => {
    const session = openSession(localWith(resources))
    try {
      return (await session.apply(undefined, only === null ? undefined : new Set(only))).outcomes
    } finally {
      session.close()
    }
  }
  const apply = (...resources: readonly Resource[]) => applyOnly(null, ...resources)
  const file = (name: string, props: object = ours, more: Partial<Resource> = {}): Resource => ({
    ...declared('file', path(name), props),
    origins: [{ role: 'web', file: 'roles/web/role.yaml', line: 3, column: 5 }],
    ...more,
  })
  const entries = () => readLedger(stateDir).entries
  const kept = (digest: string | null | undefined) =>
    readFileSync(join(stateDir, 'ledger/content', String(digest)), 'utf8')
  return { apply, applyOnly, file, path, stateDir, entries, kept }
}

t.test('what was there before is kept, and stays what it was', async (t) => {
  const { apply, file, path, entries, kept } = world(t)
  writeFileSync(path('a'), 'theirs', { mode: 0o600 })
  const before = Date.now()
  await apply(file('a'), file('b'))
  t.match(entries(), [
    {
      id: `file:${path('a')}`,
      claims: [{ role: 'web', place: 'roles/web/role.yaml:3' }],
      leftAt: null,
      before: {
        fields: { kind: 'file', mode: '0600', sha256: sha256('theirs') },
        paths: [{ path: path('a'), was: { kind: 'file', mode: '0600', owner: mine.owner }, unkept: null }],
      },
    },
    { id: `file:${path('b')}`, before: { fields: null, paths: [{ path: path('b'), was: null }] } },
  ])
  const [first] = entries()
  t.ok(first && first.since >= before)
  t.equal(kept(first?.before.paths[0]?.sha256), 'theirs')
  writeFileSync(path('a'), 'by hand')
  await apply(file('a'), file('b'))
  t.equal(readFileSync(path('a'), 'utf8'), 'ours')
  t.same(entries()[0], first, 'drift that is put right changes nothing of it')
})

t.test('what is in order already is not owned, and nothing is written', async (t) => {
  const { apply, file, path, stateDir } = world(t)
  writeFileSync(path('a'), 'ours', { mode: 0o644 })
  t.match(await apply(file('a')), [{ status: 'settled' }])
  t.notOk(existsSync(join(stateDir, 'ledger')))
})

t.test('an agent that is killed before a step has what it needs to take the step back', async (t) => {
  const { apply, file, path, stateDir, entries, kept } = world(t)
  writeFileSync(path('a'), 'theirs')
  const module = (name: string) => JSON.stringify(new URL(`../../${name}.js`, import.meta.url).href)
  const child = `
    import { openSession } from ${module('agent/local')}
    import { states } from ${module('states/index')}
    const never = new AbortController().signal
    const catalog = { host: 'a', site: { name: 'x' }, roles: ['x'], maxRemovals: 100, resources: ${JSON.stringify([file('a')])} }
    const blobs = new Map([['${OURS}', Buffer.from('ours')]])
    const tell = ({ kind }) => kind === 'step' && process.kill(process.pid, 'SIGKILL')
    await openSession({
      catalog, blobs, states, tell, stateDir: ${JSON.stringify(stateDir)}, signal: never, kill: never,
    }).apply()`
  t.equal(spawnSync(process.execPath, ['--input-type=module', '-e', child]).signal, 'SIGKILL')
  t.equal(readFileSync(path('a'), 'utf8'), 'theirs')
  const before = entries()
  t.equal(kept(before[0]?.before.paths[0]?.sha256), 'theirs')
  await apply(file('a'))
  t.same(entries(), before)
  t.notOk(
    readFileSync(join(stateDir, 'ledger/entries')).includes(0),
    'nothing of the killed run is left in it',
  )
})

t.test('what could not be changed is not owned', async (t) => {
  const { apply, file, path, stateDir, entries } = world(t)
  writeFileSync(path('a'), 'theirs')
  t.match(await apply(file('a', { ...ours, validate: 'false %s' })), [{ status: 'failed' }])
  t.same(entries(), [])
  t.same(readdirSync(join(stateDir, 'ledger/content')), [], 'and its content is not kept')
  // Nor does an older try hide what is there when it is changed at last.
  writeFileSync(path('a'), 'theirs, edited')
  await apply(file('a'))
  t.match(entries(), [{ before: { fields: { sha256: sha256('theirs, edited') } } }])
})

t.test(
  'content is kept before it is first replaced, however often the mode was changed before',
  async (t) => {
    const { apply, file, path, entries, kept } = world(t)
    writeFileSync(path('a'), 'theirs', { mode: 0o600 })
    await apply(file('a', mine))
    t.match(entries()[0]?.before.paths, [{ was: { mode: '0600' }, sha256: null, unkept: 'untouched' }])
    await apply(file('a'))
    const [image] = entries()[0]?.before.paths ?? []
    t.match(image, { was: { mode: '0600' }, unkept: null })
    t.equal(kept(image?.sha256), 'theirs')
  },
)

t.test('content that is too large is not kept, and that is said', async (t) => {
  const { apply, file, path, entries } = world(t)
  writeFileSync(path('a'), '')
  truncateSync(path('a'), MAX_PRE_IMAGE_BYTES + 1)
  t.match(await apply(file('a')), [{ status: 'changed' }])
  t.match(entries()[0]?.before.paths, [{ sha256: null, unkept: 'too-large' }])
})

t.test('what is kept has bounds, and a change goes on beyond them', async (t) => {
  const { apply, file, path, stateDir, entries } = world(t)
  mkdirSync(join(stateDir, 'ledger/content'), { recursive: true })
  writeFileSync(join(stateDir, 'ledger/content/full'), '')
  truncateSync(join(stateDir, 'ledger/content/full'), MAX_PRE_IMAGES_BYTES)
  writeFileSync(path('a'), 'theirs')
  t.match(await apply(file('a')), [{ status: 'changed' }])
  t.match(entries()[0]?.before, { paths: [{ sha256: null, unkept: 'no-room' }], cut: false })

  mkdirSync(path('d'))
  for (let n = 0; n <= MAX_PRE_IMAGE_PATHS; n++) writeFileSync(path(`d/${n}`), '')
  const folder = declared('directory', path('d'), { ...mine, mode: null, purge: true })
  t.match(await apply(file('a'), folder), [{ status: 'settled' }, { status: 'changed' }])
  const { before } = entries().at(-1) ?? {}
  t.equal(before?.paths.length, MAX_PRE_IMAGE_PATHS)
  t.ok(before?.cut)
})

t.test('claims follow the catalog, and an empty one forgets nothing', async (t) => {
  const { apply, file, entries, stateDir } = world(t)
  await apply(file('a'), file('b'))
  const origins = [{ role: 'db', file: 'roles/db/role.yaml', line: 9, column: 5 }]
  await apply(file('a', ours, { origins, onRemove: 'keep' }), file('b'))
  t.match(entries(), [
    { claims: [{ role: 'db', place: 'roles/db/role.yaml:9' }], onRemove: 'keep', leftAt: null },
    { claims: [{ role: 'web' }], leftAt: null },
  ])
  await apply()
  t.match(entries(), [{ leftAt: Number }, { leftAt: Number }])
  await apply(file('a', { ...ours, mode: '0600' }), file('b'))
  t.match(entries(), [{ leftAt: null, props: { mode: '0600' } }, { leftAt: null }])
  const written = statSync(join(stateDir, 'ledger/entries')).ino
  await apply(file('a', { ...ours, mode: '0600' }), file('b'))
  t.equal(statSync(join(stateDir, 'ledger/entries')).ino, written, 'a run without news writes nothing')
})

t.test('a run about some of the resources leaves the others as they are', async (t) => {
  const { apply, applyOnly, file, entries } = world(t)
  await apply(file('a'), file('b'))
  const changed = { ...ours, mode: '0600' }
  const [a, b] = [file('a', changed), file('b', changed)]
  t.match(await applyOnly([a.id], a, b), [{ id: a.id, status: 'changed' }])
  t.match(entries(), [
    { id: a.id, leftAt: null, props: { mode: '0600' } },
    { id: b.id, leftAt: null, props: { mode: '0644' } },
  ])
})

t.test('props are those with which it was last applied', async (t) => {
  const { apply, file, entries } = world(t)
  await apply(file('a'))
  const refused = file('a', { ...ours, sha256: sha256('more'), validate: 'false %s' })
  t.match(await apply(refused), [{ status: 'failed' }])
  t.match(entries(), [{ props: { sha256: OURS } }])
})

t.test('no secret is in it, nor a digest of one', async (t) => {
  const { apply, file, path, stateDir, entries } = world(t)
  writeFileSync(path('a'), 'an older secret')
  await apply(file('a', ours, { secrets: ['app/key'] }))
  t.match(entries(), [{ holdsSecret: true, before: { paths: [{ sha256: null, unkept: 'secret' }] } }])
  const hash = '$6$saltsalt$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4'
  const command = (stdin: unknown) => ({
    ...declared('command', 'makes', { argv: ['touch', path('made')], creates: path('made') }),
    props: {
      ...declared('command', 'makes', { argv: ['touch', path('made')], creates: path('made') }).props,
      stdin,
    },
  })
  t.match(await apply(file('a', ours, { secrets: ['app/key'] }), command(new Secret(hash))), [
    { status: 'settled' },
    { status: 'changed' },
  ])
  const texts = [...readdirSync(join(stateDir, 'ledger'), { recursive: true, withFileTypes: true })]
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
  t.match(texts, 'command:makes')
  for (const secret of [hash, 'an older secret', sha256('an older secret'), OURS]) t.notMatch(texts, secret)
})

t.test('what a purge first takes away is kept, but where drover has put a secret', async (t) => {
  const { apply, file, path, entries, kept } = world(t)
  await apply(file('secret', ours, { secrets: ['app/key'], onRemove: 'keep' }))
  writeFileSync(path('theirs'), 'theirs')
  const folder = declared('directory', path('.').replace(/\/$/, ''), { ...mine, mode: null, purge: true })
  t.match(await apply(folder), [{ stays: /kept/ }, { status: 'changed' }])
  const [secret, theirs, ...more] = entries().at(-1)?.before.paths ?? []
  t.match(secret, { path: path('secret'), was: null, sha256: null }, 'nothing was there before drover')
  t.equal(kept(theirs?.sha256), 'theirs')
  t.same(more, [])

  writeFileSync(path('later'), 'later')
  t.match(await apply(folder), [{ status: 'changed' }])
  t.equal(entries().at(-1)?.before.paths.length, 2, 'what came later was not there before drover')
})

t.test('a torn end is no entry, and what comes after it is whole', async (t) => {
  const { apply, file, path, stateDir, entries } = world(t)
  const log = join(stateDir, 'ledger/entries')
  await apply(file('a'))
  const one = statSync(log).size
  await apply(file('a'), file('b'))
  const two = statSync(log).size
  for (const at of [two - 1, two - 2, one + 30, one + 1]) {
    truncateSync(log, at)
    t.match(entries(), [{ id: `file:${path('a')}` }], `torn at byte ${at} of ${two}`)
    writeFileSync(path('b'), 'by hand')
    await apply(file('a'), file('b'))
    t.match(entries(), [{ id: `file:${path('a')}` }, { id: `file:${path('b')}` }])
    t.equal(readLedger(stateDir).aside, null)
  }
})

t.test('a damaged ledger is set aside, and what is whole in it goes on', async (t) => {
  const { apply, file, path, stateDir, entries } = world(t)
  const log = join(stateDir, 'ledger/entries')
  await apply(file('a'), file('b'))
  const text = readFileSync(log, 'utf8')
  const damaged = text.replace(path('a'), path('x'))
  writeFileSync(log, damaged)
  t.match(readLedger(stateDir), { damaged: true, aside: null, entries: [{ id: `file:${path('b')}` }] })
  await apply(file('a'), file('b'))
  t.match(entries(), [{ id: `file:${path('b')}` }])
  const { aside } = readLedger(stateDir)
  t.equal(readFileSync(String(aside), 'utf8'), damaged)
})

t.test('a ledger that nobody has changed is not read again', async (t) => {
  const { apply, applyOnly, file, path, stateDir, entries } = world(t)
  const all = Array.from({ length: 100 }, (_, i) => file(`f${i}`))
  const log = join(stateDir, 'ledger/entries')
  await apply(...all)
  const bytesRead = () => Number(/^rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  const run = async () => {
    const before = bytesRead()
    writeFileSync(path('f7'), 'by hand')
    t.match(await applyOnly([`file:${path('f7')}`], ...all), [{ status: 'changed' }])
    return bytesRead() - before
  }
  t.ok((await run()) > statSync(log).size)
  t.ok((await run()) < statSync(log).size)

  const damaged = readFileSync(log, 'utf8').replace(path('f8'), path('x8'))
  writeFileSync(log, damaged)
  t.ok((await run()) > statSync(log).size, 'it is when another hand was at it')
  t.equal(entries().length, 99)
  await apply(...all, file('more'))
  t.equal(entries().length, 100, 'what was in order when its line was lost is not owned')
  t.match(await apply(...all.slice(10)), { length: 100 }, 'and all that is in it is known')
})

t.test('a ledger of a newer drover is left alone', async (t) => {
  const { apply, file, stateDir, path } = world(t)
  await apply(file('a'))
  const line = JSON.stringify({ e: 'ledger', format: 2 })
  const text = `${sha256(line).slice(0, 16)} ${line}\n`
  writeFileSync(join(stateDir, 'ledger/entries'), text)
  await t.rejects(apply(file('b')), { code: 'conflict', message: /format 2/ })
  t.notOk(existsSync(path('b')))
  t.equal(readFileSync(join(stateDir, 'ledger/entries'), 'utf8'), text)
})

t.test('nothing is changed that can not be remembered', async (t) => {
  const { apply, file, path, stateDir } = world(t)
  writeFileSync(path('a'), 'theirs')
  writeFileSync(path('b'), 'ours', { mode: 0o644 })
  const content = join(stateDir, 'ledger/content')
  // Neither can be written, as on a disk that is full.
  for (const taken of [join(content, sha256('theirs')), join(stateDir, 'ledger/entries.new')]) {
    mkdirSync(taken, { recursive: true })
    t.match(await apply(file('a'), file('b')), [{ status: 'failed' }, { status: 'settled' }])
    t.equal(readFileSync(path('a'), 'utf8'), 'theirs')
    t.same(
      readdirSync(content).filter((name) => name.endsWith('.new')),
      [],
      'nothing half kept takes room',
    )
    rmdirSync(taken)
  }
  t.match(await apply(file('a'), file('b')), [{ status: 'changed' }, { status: 'settled' }])
})

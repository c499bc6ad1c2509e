import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { accountsReader } from '../../../agent/accounts.ts'
import { effectsOf } from '../../../agent/rehearsal/effects.ts'
import { MAX_REHEARSED_FILE_BYTES } from '../../../lib/limits.ts'

const SECRET = 'pässwörd'

type Folder = { [name: string]: string | Folder }

function fill(dir: string, folder: Folder): void {
  for (const [name, what] of Object.entries(folder)) {
    const path = join(dir, name)
    if (typeof what === 'string') writeFileSync(path, what)
    else {
      mkdirSync(path)
      fill(path, what)
    }
  }
}

/** A host, and its copy with what was written there. */
function setUp(t: Test, { host, written }: { host: Folder; written: Folder }) {
  // Not where this clone may be: of what lies below /tmp nothing is told.
  const dir = mkdtempSync('/dev/shm/drover-')
  t.teardown(() => rmSync(dir, { recursive: true }))
  fill(dir, { lower: host, upper: written, copy: { ...host, ...written } })
  const point = join(dir, 'copy')
  const layers = [{ point, lower: join(dir, 'lower'), upper: join(dir, 'upper') }]
  const told = {
    stateDir: '/nowhere',
    paths: new Map(),
    at: () => null,
    packageOf: () => null,
    sensitive: new Set<never>(),
    scrub: (text: string) => text.replaceAll(SECRET, '‹secret:app/key›'),
    accounts: accountsReader()(),
  }
  const effects = async () => {
    const found = await effectsOf(layers, told)
    return found.effects.map((one) => ({ ...one, path: one.path.slice(point.length) }))
  }
  return { point, effects }
}

t.test('a directory in the place of a file is told of with what is in it', async (t) => {
  const { effects } = setUp(t, { host: { app: 'a file' }, written: { app: { conf: 'x\n' } } })
  t.match(await effects(), [
    { path: '/app', change: 'changed', kind: 'directory' },
    { path: '/app/conf', change: 'created', kind: 'file' },
  ])
})

t.test('no secret is told, in whatever letters, and not by the name of a file', async (t) => {
  const written = { log: `key=${SECRET}\n`, [`of-${SECRET}`]: 'nothing secret\n' }
  const { effects } = setUp(t, { host: { log: '' }, written })
  const found = await effects()
  t.match(found, [
    { path: '/log', sha256: null, preview: { diff: null } },
    { path: '/of-‹secret:app/key›', preview: { path: /‹secret:app\/key›$/, diff: /\+nothing secret/ } },
  ])
  t.notMatch(JSON.stringify(found), new RegExp(SECRET))
})

t.test('of a file that is too large to be read its size is told', async (t) => {
  const { effects, point } = setUp(t, { host: {}, written: { swap: '' } })
  const bytes = MAX_REHEARSED_FILE_BYTES + 1
  truncateSync(join(point, 'swap'), bytes)
  t.match(await effects(), [
    { path: '/swap', change: 'created', sha256: null, preview: { diff: null, note: `0 -> ${bytes} bytes` } },
  ])
})

t.test('a large file that was written as it was is none, and one with another end is', async (t) => {
  const text = 'x'.repeat(600_000)
  const host = { same: text, other: text }
  const { effects } = setUp(t, { host, written: { same: text, other: `${text.slice(1)}y` } })
  t.match(await effects(), [{ path: '/other', preview: { note: '600000 -> 600000 bytes' } }])
})

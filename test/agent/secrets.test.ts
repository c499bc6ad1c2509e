import t from 'tap'
import { openSecrets } from '../../agent/secrets.ts'
import { newIdentity, sealSecret } from '../../lib/age.ts'
import type { Catalog } from '../../lib/catalog.ts'
import type { Outcome } from '../../lib/outcome.ts'
import { Secret } from '../../lib/secret.ts'
import { markOf } from '../../lib/secret-mark.ts'
import { sha256 } from '../../lib/sha256.ts'
import { resource } from '../helpers/fake-host.ts'

const VALUE = 's3cret "Wert"\nLine-Two-0815'
const NAME = 'app/key'
const host = await newIdentity()
const sealed = [{ name: NAME, version: 'v1', ciphertext: await sealSecret(NAME, VALUE, [host.recipient]) }]
const text = `key=${markOf(NAME)}\n`
const blobs = new Map([[sha256(text), Buffer.from(text)]])
const FILE = { ...resource('file:/etc/app', { sha256: sha256(text) }), secrets: [NAME] }
const COMMAND = { ...resource('command:load', { stdin: `p:${markOf(NAME)}` }), secrets: [NAME] }
const catalog: Catalog = {
  format: 1,
  host: 'a',
  roles: [],
  maxRemovals: 100,
  site: { name: 'x' },
  resources: [FILE, COMMAND, resource('file:/etc/b', { sha256: sha256('b') })],
  omitted: [],
  checks: [],
  exports: {},
  blobs: {},
  secrets: { [NAME]: 'v1' },
}
const keys = { identity: new Secret(host.identity), fingerprintKey: 'k1' }

/** Every form in which the value could stand somewhere. */
const forms = (value: string) => {
  const bytes = Buffer.from(value)
  const three = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    value,
    ...value.split('\n'),
    bytes.toString('hex'),
    encodeURIComponent(value),
    bytes.toString('utf16le'),
    ...three,
  ]
}
const shows = (text: string) => forms(VALUE).filter((form) => text.includes(form))

t.test('values are put in their places, in memory', async (t) => {
  const opened = await openSecrets(catalog, blobs, sealed, keys)
  const [file, command] = opened.catalog.resources
  t.equal(opened.blobs.get(String(file?.props.sha256))?.toString(), `key=${VALUE}\n`)
  const stdin = command?.props.stdin
  t.equal(stdin instanceof Secret && stdin.reveal(), `p:${VALUE}`)
  t.strictSame(shows(JSON.stringify(opened.catalog)), [], 'a catalog that is written down shows none')
  t.equal(blobs.size, 1, 'what was handed in is as it was')
})

t.test('an outcome shows that a secret changes, and nothing of it', async (t) => {
  const { conceal, scrub, catalog: opened } = await openSecrets(catalog, blobs, sealed, keys)
  const to = String(opened.resources[0]?.props.sha256)
  const planned = {
    id: 'file:/etc/app',
    status: 'planned',
    changes: [{ field: 'sha256', from: sha256('old'), to }],
    steps: [{ do: 'write', path: '/etc/app', content: { sha256: to } }],
    previews: [{ path: '/etc/app', diff: `+key=${VALUE}`, note: null, added: 2, removed: 0 }],
    with: null,
    after: [],
    unknown: null,
  } as unknown as Outcome
  const shown = JSON.stringify(conceal(planned))
  t.strictSame(shows(shown), [])
  t.notMatch(shown, to, 'nor its hash, which would tell a value that can be guessed')
  t.match(shown, /keyed:[0-9a-f]{16}/)
  t.equal(JSON.stringify(conceal(planned)), shown, 'the same each time')
  const other = await openSecrets(catalog, blobs, sealed, { ...keys, fingerprintKey: 'k2' })
  t.not(JSON.stringify(other.conceal(planned)), shown, 'and another on another host')
  const failed = {
    id: 'file:/etc/b',
    status: 'failed',
    code: 'internal',
    reason: `line 2: "Line-Two-0815" is no directive; ${Buffer.from(VALUE).toString('base64')}`,
    hint: null,
    changes: [],
    steps: [],
    ended: { argv: ['x'], stdout: VALUE, stderr: JSON.stringify(VALUE) },
    left: [],
    ms: 1,
  } as unknown as Outcome
  t.strictSame(shows(JSON.stringify(conceal(failed))), [], 'what a program says of it is taken out')
  t.equal(scrub(`got ${VALUE}!`), `got ‹secret:${NAME}›!`)
})

t.test('what can not be opened stops the run before it begins', async (t) => {
  const other = await newIdentity()
  const stranger = { ...keys, identity: new Secret(other.identity) }
  await t.rejects(openSecrets(catalog, blobs, sealed, stranger), { code: 'denied' })
  await t.rejects(openSecrets(catalog, blobs, [], keys), { code: 'not-found', about: NAME })
  const older = sealed.map((one) => ({ ...one, version: 'v0' }))
  await t.rejects(openSecrets(catalog, blobs, older, keys), { code: 'not-found' })
})

t.test('of what leaves the catalog with a secret nothing is shown that may hold it', async (t) => {
  const { conceal } = await openSecrets({ ...catalog, resources: [], secrets: {} }, blobs, [], keys)
  const leaves = { how: 'restore', role: 'web', place: 'roles/web/role.yaml:3', holdsSecret: true } as const
  const changes = [{ field: 'lines', from: [`key=${VALUE}`], to: [] }]
  const write = { do: 'write', path: '/etc/b', content: { text: `key=${VALUE}` } }
  const steps = [write, { do: 'chmod', path: '/etc/b', mode: '0600' }]
  const previews = [{ path: '/etc/b', diff: `-key=${VALUE}`, note: null, added: 0, removed: 1 }]
  const work = { id: 'line:/etc/b#key', leaves, changes, steps, with: null, previews }
  const planned = conceal({ ...work, status: 'planned', after: [], unknown: null } as unknown as Outcome)
  t.strictSame(shows(JSON.stringify(planned)), [])
  t.match(planned, { changes: [{ field: 'lines' }], steps: [{ do: 'chmod', path: '/etc/b' }], leaves })
  const ended = { argv: ['x'], stdout: VALUE }
  const failed = {
    id: work.id,
    ...{ leaves, changes, steps },
    status: 'failed',
    reason: VALUE,
    left: changes,
    ended,
    hint: null,
    code: 'internal',
  }
  t.strictSame(shows(JSON.stringify(conceal(failed as unknown as Outcome))), [])
  const open = {
    ...work,
    leaves: { ...leaves, holdsSecret: false },
    status: 'planned',
    after: [],
    unknown: null,
  }
  t.same(conceal(open as unknown as Outcome), open, 'all else is shown as it is')
})

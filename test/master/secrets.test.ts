import t, { type Test } from 'tap'
import { armored, newIdentity, openSecret, sealSecret, unarmored } from '../../lib/age.ts'
import type { Catalog } from '../../lib/catalog.ts'
import { Secret } from '../../lib/secret.ts'
import { markOf } from '../../lib/secret-mark.ts'
import { compile } from '../../master/compile/compile.ts'
import { openSealer } from '../../master/secrets/sealer.ts'
import { readSite } from '../../master/site/read.ts'
import { states } from '../../states/index.ts'
import { type Files, writeSite } from './write-site.ts'

const VALUE = 'c4n4ry-Wert "mit" %s\nzweite Zeile'
const master = await newIdentity()
const armor = await armored(await sealSecret('app/key', VALUE, [master.recipient]))
const block = (text: string) => text.replace(/^/gm, '  ')
const SECRETS = { 'secrets/app.yaml': `key: |\n${block(armor)}\n` }

async function compiled(t: Test, role: string, more: Files = {}) {
  const files = { 'roles/web/role.yaml': role, ...SECRETS, ...more }
  const reading = await readSite(writeSite(t.testdir(), files))
  const made = await compile(reading.site, 'h1', {}, { states })
  return { ...made, problems: [...reading.diagnostics, ...made.diagnostics] }
}

const FILE = `resources:
  - file: /etc/app
    content: "key={{ secret('app/key') }}"
    mode: "0640"
`

t.test('a catalog holds marks and versions, and no value', async (t) => {
  const { catalog, blobs, problems } = await compiled(t, FILE)
  t.strictSame(problems, [])
  t.strictSame(Object.keys(catalog?.secrets ?? {}), ['app/key'])
  const [resource] = catalog?.resources ?? []
  t.strictSame(resource?.secrets, ['app/key'])
  t.equal(blobs.get(String(resource?.props.sha256))?.toString(), `key=${markOf('app/key')}`)
  t.equal((await compiled(t, FILE)).catalog?.secrets['app/key'], catalog?.secrets['app/key'])
})

t.test('a secret goes where it is meant to go, and nowhere else', async (t) => {
  const file = (content: string) =>
    `resources:\n  - file: /etc/app\n    content: ${JSON.stringify(content)}\n    mode: "0600"\n`
  const good = {
    'into a text': file("a {{ secret('app/key') }} b {{ secret('app/key') }}"),
    'by a variable': file("{% set k = secret('app/key') %}{{ k }} {{ k }}"),
    'by the default of a param': `params: { key: { type: string, default: "{{ secret('app/key') }}" } }\n${file('{{ params.key }}')}`,
    'into the password of a user': `resources:\n  - user: x\n    password: "{{ secret('app/key') }}"\n`,
    'into the stdin of a command': `resources:\n  - command: cat\n    stdin: "pass={{ secret('app/key') }}"\n`,
  }
  for (const [what, role] of Object.entries(good)) {
    const { problems, catalog } = await compiled(t, role)
    t.strictSame(problems, [], what)
    t.strictSame(catalog?.resources[0]?.secrets, ['app/key'], what)
  }
  const bad = {
    'through a filter': [file("{{ secret('app/key')|upper }}"), 'E_SECRET_FLOW'],
    'into a condition': [file("{% if secret('app/key') == 'x' %}a{% endif %}"), 'E_SECRET_FLOW'],
    'its length': [file("{{ secret('app/key')|length }}"), 'E_SECRET_FLOW'],
    'into a name': [`resources:\n  - file: "/etc/{{ secret('app/key') }}"\n`, 'E_SECRET_FLOW'],
    'into when': [`resources:\n  - package: nano\n    when: secret('app/key') == 'a'\n`, 'E_SECRET_FLOW'],
    'into the comment of a user': [
      `resources:\n  - user: x\n    comment: "{{ secret('app/key') }}"\n`,
      'E_SECRET_FLOW',
    ],
    'into argv': [
      `resources:\n  - command: x\n    argv: [echo, "{{ secret('app/key') }}"]\n`,
      'E_SECRET_FLOW',
    ],
    'into the environment': [
      `resources:\n  - command: x\n    env: { A: "{{ secret('app/key') }}" }\n`,
      'E_SECRET_FLOW',
    ],
    'into an export': [`exports: { a: "{{ secret('app/key') }}" }\n`, 'E_SECRET_FLOW'],
    'into a check': [`checks: [ { http: "http://x/{{ secret('app/key') }}" } ]\n`, 'E_SECRET_FLOW'],
    'into a file that everybody reads': [FILE.replace('0640', '0644'), 'E_SECRET_FLOW'],
    'into a file without a mode': [FILE.replace(/ *mode.*\n/, ''), 'E_SECRET_FLOW'],
    'that is not there': [file("{{ secret('app/kye') }}"), 'E_UNKNOWN_SECRET'],
  }
  for (const [what, [role = '', code]] of Object.entries(bad)) {
    const { problems, catalog } = await compiled(t, role)
    t.equal(catalog, null, what)
    t.match(problems, [{ code, file: 'roles/web/role.yaml' }], what)
  }
})

t.test('what is not encrypted is refused, and never shown', async (t) => {
  const { problems } = await compiled(t, FILE, { 'secrets/app.yaml': 'key: hunter2\n' })
  t.match(problems[0], { code: 'E_PLAINTEXT_SECRET', file: 'secrets/app.yaml', line: 1 })
  t.notMatch(JSON.stringify(problems), /hunter2/)
})

t.test('a host is sent its own ciphertext', async (t) => {
  const { catalog } = await compiled(t, FILE)
  const bytes = Buffer.from(JSON.stringify(catalog))
  const version = (catalog as Catalog).secrets['app/key'] ?? ''
  const bodies = new Map([
    [version, Buffer.from(armor)],
    ['a', bytes],
  ])
  const sealer = openSealer(new Secret(master.identity), async (sha256) => bodies.get(sha256) ?? null)
  const [one, other] = [await newIdentity(), await newIdentity()]
  const [sealed] = await sealer.forHost(async () => one.recipient, 'a')
  if (sealed === undefined) throw new Error('nothing was sealed')
  t.match(sealed, { name: 'app/key', version })
  t.equal(await openSecret('app/key', sealed.ciphertext, [one.identity]), VALUE)
  await t.rejects(openSecret('app/key', sealed.ciphertext, [other.identity]), { code: 'denied' })
  await t.rejects(openSecret('app/other', sealed.ciphertext, [one.identity]), {
    code: 'invalid',
    message: /another name/,
  })
  const [again] = await sealer.forHost(async () => one.recipient, 'a')
  t.equal(again?.ciphertext, sealed.ciphertext, 'once for a version and a host')
})

t.test('a ciphertext that was changed, or moved to another name, opens nothing', async (t) => {
  const bytes = await unarmored(armor)
  const flipped = Uint8Array.from(bytes)
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  await t.rejects(openSecret('app/key', flipped, [master.identity]), { code: 'invalid', message: /damaged/ })
  await t.rejects(openSecret('db/key', bytes, [master.identity]), { code: 'invalid', hint: /E_SECRET_AAD/ })
})

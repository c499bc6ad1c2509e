import t, { type Test } from 'tap'
import { codeParts } from '../../master/compile/code-parts.ts'
import { compile } from '../../master/compile/compile.ts'
import { readSite } from '../../master/site/read.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'
import { states } from './states.ts'
import { writeSite } from './write-site.ts'

const FILE = 'resources:\n  - file: /a\n    template: a\n'

/** What one template comes to: its text, or what is said of it. */
async function rendered(t: Test, template: string, role = FILE): Promise<{ text: string; said: string[] }> {
  const files = { 'roles/web/role.yaml': role, 'roles/web/templates/a': template }
  const { site } = await readSite(writeSite(t.testdir(), files))
  const { diagnostics, blobs } = await compile(site, 'h1', SAMPLE_FACTS, { states })
  const said = diagnostics.map(
    ({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`,
  )
  return { text: String([...blobs.values()][0] ?? ''), said }
}

const usable = async (t: Test) =>
  t.same((await rendered(t, '{{ host.name }}')).text, 'h1', 'the engine lives')

const PARTS: readonly { source: string; parts: readonly string[] }[] = [
  { source: 'a {{ b }} c {% d %}', parts: ['{{ b }}', '{% d %}'] },
  { source: '{# {{ a }} #}{{ b }}', parts: ['{{ b }}'] },
  { source: '{% raw %}{{ a }}{% endraw %}{{ b }}', parts: ['{{ b }}'] },
  { source: `{{ '}}' ~ b }} {{ "%}" }}`, parts: [`{{ '}}' ~ b }}`, '{{ "%}" }}'] },
  { source: `{{ 'it\\'s }}' ~ b }}`, parts: [`{{ 'it\\'s }}' ~ b }}`] },
  { source: `{{ {'a': {'b': 1}} }} c`, parts: [`{{ {'a': {'b': 1}} }}`] },
  { source: '{% set a = {} %}{{ {}}}', parts: ['{% set a = {} %}', '{{ {}}}'] },
  { source: '{{ 5 % 2 }}', parts: ['{{ 5 % 2 }}'] },
  { source: "{{ it's }} {{ b }}", parts: [] },
  { source: '{{ a', parts: [] },
]
for (const { source, parts } of PARTS) {
  t.test(`of ${source} is evaluated: ${parts.join(' and ') || 'nothing'}`, async (t) => {
    t.strictSame(
      [...codeParts(source)].map(({ text }) => text),
      parts,
    )
    for (const { index, text } of codeParts(source)) t.ok(source.startsWith(text, index))
  })
}

t.test('what stands behind braces in quotes is undefined as well', async (t) => {
  const { said } = await rendered(t, `{{ '}}' ~ host.nmae }}`)
  t.match(said, [/^roles\/web\/templates\/a:1:11 E_UNDEFINED host.nmae/])
})

t.test('a template that includes itself is a circle with its name', async (t) => {
  const { said } = await rendered(t, '{% include "a" %}')
  t.strictSame(said, [
    'roles/web/templates/a:1:4 E_TEMPLATE_CYCLE templates include each other: a includes a',
  ])
  await usable(t)
})

t.test('a mistake in what a text includes has its place in there', async (t) => {
  const role = 'resources:\n  - file: /a\n    content: "{% include \'a\' %}"\n'
  const { said } = await rendered(t, 'one\n{{ host.nmae }}', role)
  t.match(said, [/^roles\/web\/templates\/a:2:4 E_UNDEFINED host.nmae/])
})

// Each of these would end the engine for the whole process.
const CROWDED: Readonly<Record<string, { template: string; role?: string; at: string }>> = {
  'an expression in a template': { template: `{{ 1${'+1'.repeat(8000)} }}`, at: 'roles/web/templates/a:1:1' },
  'a chain of elif': {
    template: `{% if 0 %}${'{% elif 0 %}'.repeat(4000)}{% endif %}`,
    at: 'roles/web/templates/a:1:12011',
  },
  'an expression in a text': {
    template: '',
    role: `resources:\n  - file: /a\n    content: "x {{ 1${'+1'.repeat(8000)} }}"\n`,
    at: 'roles/web/role.yaml:3:17',
  },
  'a when': {
    template: '',
    role: `resources:\n  - file: /a\n    when: "1${'+1'.repeat(8000)}"\n`,
    at: 'roles/web/role.yaml:3:12',
  },
}
for (const [what, { template, role, at }] of Object.entries(CROWDED)) {
  t.test(`${what} has an end`, async (t) => {
    const { said } = await rendered(t, template, role)
    t.equal(said.length, 1)
    t.match(said[0], `${at} E_TEMPLATE_LIMIT an expression has more than 2000 parts`)
    await usable(t)
  })
}

t.test('just as many parts as are allowed are rendered', async (t) => {
  const { text, said } = await rendered(t, `{{ host.name${' ~ host.name'.repeat(498)} }}`)
  t.strictSame(said, [])
  t.equal(text, 'h1'.repeat(499))
})

t.test('a mistake that the engine fails over is one of its template alone', async (t) => {
  const { said } = await rendered(t, `{{ "${'\\"'.repeat(70_000)}`)
  t.match(said, [/^roles\/web\/templates\/a:1:1 E_TEMPLATE_LIMIT the engine fails over it/])
  await usable(t)
})

const LONG: Readonly<Record<string, string>> = {
  'braces that never close': '{{'.repeat(400_000),
  'quotes that never close': `{{ ' `.repeat(200_000),
  'one line of names': '{{ host.name }} '.repeat(50_000),
}
for (const [what, template] of Object.entries(LONG)) {
  t.test(`${what} cost no more than their length`, { timeout: 20_000 }, async (t) => {
    const started = performance.now()
    await rendered(t, template)
    t.ok(performance.now() - started < 5000)
  })
}

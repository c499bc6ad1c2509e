import { readFileSync } from 'node:fs'
import t from 'tap'
import { SITE_LIMITS } from '../../lib/limits.ts'
import { compile } from '../../master/compile/compile.ts'
import { initSite } from '../../master/site/init.ts'
import { lint } from '../../master/site/lint.ts'
import { readSite } from '../../master/site/read.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'
import { states } from '../../states/index.ts'
import { writeSite } from './write-site.ts'

const PAGE = new URL('../../../docs/site.md', import.meta.url)

/** The examples of the page by the path that each names in its first line. */
function examples(): Record<string, string> {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(
    /```(?:yaml|jinja)\n(?:# (\S+)|\{# (\S+) #\})\n([\s\S]*?)```/g,
  )
  return Object.fromEntries([...blocks].map(([, yaml, jinja, text]) => [yaml ?? jinja ?? '', text ?? '']))
}

const FILES = {
  ...examples(),
  'roles/base/role.yaml': '{}\n',
  'roles/database/role.yaml': '{}\n',
  'roles/web-app/files/logo.svg': '<svg/>\n',
}

t.test('the examples of the page about sites lint without a word', async (t) => {
  t.ok(Object.keys(FILES).length >= 9, 'the examples are found')
  t.strictSame(await lint(writeSite(t.testdir(), FILES), states), [])
})

t.test('the page names every limit with its numbers', (t) => {
  const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \|/gm)
  const number = (text = '') => Number(text.replaceAll(',', ''))
  const told = [...rows].map(([, name, usual, most]) => [name, { usual: number(usual), most: number(most) }])
  t.strictSame(Object.fromEntries(told), SITE_LIMITS)
  t.end()
})

t.test('they compile to what the page says', async (t) => {
  const { site } = await readSite(writeSite(t.testdir(), FILES))
  const { catalog, blobs } = await compile(site, 'web1', SAMPLE_FACTS, {
    states,
    factsOf: () => SAMPLE_FACTS,
  })
  const hash = catalog?.resources.find(({ id }) => id === 'file:/etc/app/app.env')?.props.sha256
  t.equal(
    blobs.get(String(hash))?.toString(),
    'DOMAIN=web1.example.org\nWORKERS=4\nMIRROR=staging.example.org/debian\nPEER_1=http://web1.example.org/\nPEER_2=http://web2.example.org/\n',
  )
})

t.test('what init writes lints and compiles', async (t) => {
  const dir = t.testdir()
  t.ok(initSite(dir, { host: '1-host', name: 'demo' }).includes('roles/hello/role.yaml'))
  t.strictSame(await lint(dir, states), [])
  const { site } = await readSite(dir)
  const { catalog } = await compile(site, '1-host', SAMPLE_FACTS, { states })
  t.strictSame(
    catalog?.resources.map(({ id }) => id),
    ['directory:/srv/hello', 'file:/srv/hello/hello.txt', 'file:/srv/hello/about.txt'],
  )
})

t.test('init overwrites nothing', async (t) => {
  const dir = t.testdir({ 'drover.yaml': 'name: mine\n' })
  t.throws(() => initSite(dir, { host: 'h', name: 'x' }), { code: 'conflict', message: /not empty/ })
  t.throws(() => initSite(`${dir}/drover.yaml`, { host: 'h', name: 'x' }), {
    code: 'conflict',
    message: /not a folder/,
  })
})

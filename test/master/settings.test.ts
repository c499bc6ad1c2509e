import t from 'tap'
import { readMasterSettings } from '../../master/settings.ts'
import { Diagnostics } from '../../master/site/diagnostics.ts'
import { parseYaml } from '../../master/site/yaml.ts'

async function read(text: string) {
  const found = new Diagnostics()
  const tree = await parseYaml({ path: 'master.yaml', size: text.length, bytes: Buffer.from(text) }, found)
  const settings = tree === null ? {} : readMasterSettings(tree, found)
  return { settings, said: found.sorted().map(({ code, line, message }) => `${code} ${line}: ${message}`) }
}

t.test('how long the store keeps what is said in days, and is strict', async (t) => {
  const day = 24 * 3_600_000
  t.same((await read('keep: { bodies_days: 3, audit_days: 4000 }\n')).settings.keep, {
    bodiesMs: 3 * day,
    auditMs: 4000 * day,
  })
  t.same((await read('site: /srv\n')).settings.keep, undefined)
  const { settings, said } = await read(
    'keep:\n  bodies_days: 0\n  plans_days: 1.5\n  bodys_days: 2\n  audit_days: x\n',
  )
  t.same(settings.keep, {})
  t.same(
    said.map((one) => one.replace(/:.*/, '')),
    ['E_VALUE 2', 'E_VALUE 3', 'E_UNKNOWN_KEY 4', 'E_VALUE 5'],
  )
})

t.test('what a site may do is said in so many words, or refused with its place', async (t) => {
  const of = (words: string) => read(`site:\n  git: https://example.org/site\n  ${words}\n`)
  t.match((await of('allow_rewrite: true')).settings, { site: { allowRewrite: true, pollMs: 60_000 } })
  t.match((await of('allow_rewrite: "yes"')).said, [/^E_TYPE 3: allow_rewrite must be true or false/])
  t.match((await of('poll_seconds: [60]')).said, ['E_VALUE 3: poll_seconds is a number from 5 to 86400'])
})

t.test('metrics are told at an address with a port, and nowhere unless it is said', async (t) => {
  t.same((await read('metrics: 127.0.0.1:9744\n')).settings, { metrics: '127.0.0.1:9744' })
  t.same((await read('site: /srv\n')).settings.metrics, undefined)
  t.match((await read('metrics: true\n')).said, [/^E_/])
  t.match((await read('metrics: localhost\n')).said, [
    'E_VALUE 1: metrics is an address with a port, got "localhost"',
  ])
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { OUTPUT_VERSION } from '../../cli/context.ts'
import { newIdentity } from '../../lib/age.ts'
import { runCli } from '../helpers/run-cli.ts'

const siteOf = (t: Test) =>
  t.testdir({
    'drover.yaml': 'name: demo\n',
    'hosts.yaml': 'hosts:\n  web1: { roles: [demo], vars: { ntp: a } }\n',
    data: { 'common.yaml': 'ntp: b\n' },
    roles: {
      demo: { 'role.yaml': 'resources:\n  - file: /etc/motd\n    content: "{{ facts.hostname }}"\n' },
    },
  })

const VERBS = [
  ['compile', 'web1'],
  ['explain', 'web1', 'file:/etc/motd'],
  ['explain', 'web1', 'ntp'],
  ['secret', 'list'],
]

t.test('machine output says its version in every form', async (t) => {
  const site = siteOf(t)
  mkdirSync(join(site, 'secrets'))
  writeFileSync(join(site, 'secrets', 'recipients.txt'), `${(await newIdentity()).recipient}\n`)
  await runCli(['secret', 'set', 'app/key', '--site', site], { stdin: 'x' })
  for (const verb of VERBS) {
    const said = async (form: string) => (await runCli([...verb, '--site', site, '-o', form])).out
    t.match(parse(await said('yaml')), { version: OUTPUT_VERSION }, `${verb.join(' ')} -o yaml`)
    const [first, ...rest] = (await said('jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.same(first, { type: 'version', format: OUTPUT_VERSION }, `${verb.join(' ')} -o jsonl`)
    t.ok(rest.length > 0 && rest.every(({ type }) => ['resource', 'value', 'secret'].includes(type)))
    if (verb[0] !== 'compile') t.match(JSON.parse(await said('json')), { version: OUTPUT_VERSION })
  }
})

t.test('a catalog as JSON is its own bytes', async (t) => {
  const { out } = await runCli(['compile', 'web1', '--site', siteOf(t), '--json'])
  t.same(Object.keys(JSON.parse(out))[0], 'format')
  t.equal(out, JSON.stringify(JSON.parse(out)))
})

t.test('facts have a version, and are given back as they came', async (t) => {
  const site = siteOf(t)
  const { out } = await runCli(['local', 'facts', '--json'])
  t.match(JSON.parse(out), { version: OUTPUT_VERSION, hostname: String })
  t.match(parse((await runCli(['local', 'facts', '-o', 'yaml'])).out), { version: OUTPUT_VERSION })
  writeFileSync(join(site, 'facts.json'), out)
  const compile = (...words: string[]) => runCli(['compile', 'web1', '--site', site, '--json', ...words])
  t.equal((await compile('--facts', join(site, 'facts.json'))).out, (await compile()).out)
  writeFileSync(
    join(site, 'roles/demo/role.yaml'),
    'resources:\n  - file: /etc/motd\n    content: "{{ facts.version }}"\n',
  )
  t.equal((await compile('--facts', join(site, 'facts.json'))).code, 1, 'the version is no fact')
})

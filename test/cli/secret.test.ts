import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newIdentity } from '../../lib/age.ts'
import { runCli } from '../helpers/run-cli.ts'

const VALUE = 'hunter2 "quoted"\nsecond line\n'

async function siteWith(t: Test, recipients: 'some' | 'none' = 'some') {
  const [anna, master] = [await newIdentity(), await newIdentity()]
  const site = t.testdir({
    'drover.yaml': 'name: x\n',
    'hosts.yaml': 'hosts: { web1: { roles: [app] } }\n',
    roles: {
      app: {
        'role.yaml': `resources:\n  - file: /etc/app\n    content: "{{ secret('app/key') }}"\n    mode: "0600"\n`,
      },
    },
    'anna.key': `# anna\n${anna.identity}\n`,
  })
  mkdirSync(join(site, 'secrets'))
  const list = `# the master\n${master.recipient}\n${anna.recipient}  # anna\n`
  if (recipients === 'some') writeFileSync(join(site, 'secrets', 'recipients.txt'), list)
  const secret = (words: readonly string[], stdin = '') =>
    runCli(['secret', ...words, '--site', site], { stdin })
  return { site, secret, key: join(site, 'anna.key'), anna, master }
}

t.test('a secret is set from standard input, and got by who has a key', async (t) => {
  const { site, secret, key } = await siteWith(t)
  const set = await secret(['set', 'app/key'], VALUE)
  t.match(set, { code: 0, out: '', err: /app\/key set in secrets\/app\.yaml, for 2 recipients/ })
  const text = readFileSync(join(site, 'secrets', 'app.yaml'), 'utf8')
  t.match(text, /^key: \|\n {2}-----BEGIN AGE ENCRYPTED FILE-----\n/)
  t.notMatch(text, /hunter2/)
  t.match(await secret(['get', 'app/key', '--identity', key]), { code: 0, out: VALUE })
  t.match(await secret(['list', '--json']), { code: 0, out: /"name": ?"app\/key"/ })
  t.match(await runCli(['lint', site]), { code: 0 })
})

t.test('another one leaves what stands beside it, comments too', async (t) => {
  const { site, secret, key } = await siteWith(t)
  await secret(['set', 'app/key'], VALUE)
  const path = join(site, 'secrets', 'app.yaml')
  writeFileSync(path, `# by hand\n${readFileSync(path, 'utf8')}`)
  const before = readFileSync(path, 'utf8')
  await secret(['set', 'app/other'], 'b')
  t.ok(readFileSync(path, 'utf8').startsWith(before))
  t.match(await secret(['set', 'app/key'], 'c'), { err: /replaced/ })
  t.match(await secret(['get', 'app/key', '--identity', key]), { out: 'c' })
  t.match(readFileSync(path, 'utf8'), /^# by hand\n/)
})

t.test('after a change of recipients all are encrypted anew, or none', async (t) => {
  const { site, secret, key } = await siteWith(t)
  await secret(['set', 'app/key'], VALUE)
  const ben = await newIdentity()
  writeFileSync(join(site, 'ben.key'), ben.identity)
  writeFileSync(join(site, 'secrets', 'recipients.txt'), `${ben.recipient}\n`)
  const before = readFileSync(join(site, 'secrets', 'app.yaml'), 'utf8')
  t.match(await secret(['rekey', '--identity', join(site, 'ben.key')]), {
    code: 1,
    err: /not encrypted to this key/,
  })
  t.equal(readFileSync(join(site, 'secrets', 'app.yaml'), 'utf8'), before)
  t.match(await secret(['rekey', '--identity', key]), {
    code: 0,
    err: /1 secret encrypted anew, for 1 recipient/,
  })
  t.match(await secret(['get', 'app/key', '--identity', join(site, 'ben.key')]), { code: 0, out: VALUE })
  t.match(await secret(['get', 'app/key', '--identity', key]), { code: 1 })
})

t.test('what is missing is said, with what to do', async (t) => {
  const { site, secret, key } = await siteWith(t, 'none')
  t.match(await secret(['set', 'app/key'], 'x'), { code: 1, err: /recipients\.txt.*\n?.*hint: .*doctor/s })
  t.notOk(existsSync(join(site, 'secrets', 'app.yaml')))
  const { secret: good } = await siteWith(t)
  t.match(await good(['set', 'nofile'], 'x'), { code: 64, err: /app\/key/ })
  t.match(await good(['set', 'app/key']), { code: 64, err: /nothing on standard input/ })
  await good(['set', 'app/key'], 'x')
  t.match(await good(['get', 'app/kye', '--identity', key]), { code: 1, err: /did you mean "app\/key"/ })
})

t.test('without a master a role that uses one is refused, and says so', async (t) => {
  const { site, secret } = await siteWith(t)
  await secret(['set', 'app/key'], VALUE)
  t.match(await runCli(['local', 'plan', site, '--host', 'web1']), { code: 1, err: /secret "app\/key"/ })
})

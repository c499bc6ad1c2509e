import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { daemon } from '../helpers/daemon.ts'
import { runCli } from '../helpers/run-cli.ts'
import { writeSite } from '../master/write-site.ts'

t.test('what a role brought is owned, taken back, released, and brought back from quarantine', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const path = (name: string) => join(dir, 'host', name)
  mkdirSync(path('.'), { recursive: true })
  writeFileSync(path('theirs'), 'theirs\n')
  const file = (name: string, more = '') => `  - file: ${path(name)}\n    content: "ours\\n"\n${more}`
  const role = [
    'resources:\n',
    ...[file('theirs'), file('made'), file('kept')],
    `  - directory: ${path('data')}\n    on_remove: quarantine\n`,
  ].join('')
  const site = join(dir, 'site')
  writeSite(site, { 'hosts.yaml': 'hosts:\n  h1: { roles: [] }\n', 'roles/web/role.yaml': role })
  const master = daemon(['master', '--site', site, '--state', join(dir, 'm'), '--listen', '127.0.0.1:0'])
  t.teardown(() => master.child.kill('SIGKILL'))
  await master.until(/msg=ready/)
  const socket = ['--socket', join(dir, 'm', 'master.sock')]
  const drover = async (...args: string[]) => (await runCli([...args, ...socket])).out
  const refused = async (...args: string[]) => (await runCli([...args, ...socket])).err

  const token = join(dir, 'token')
  writeFileSync(token, await drover('invite', 'h1'), { mode: 0o600 })
  t.equal((await runCli(['join', '--token-file', token, '--state', join(dir, 'a')])).code, 0)
  t.match(await refused('owned', 'h1'), /the host is not connected/)
  const agent = daemon(['agent', '--state', join(dir, 'a')])
  t.teardown(() => agent.child.kill('SIGKILL'))
  await agent.until(/run ended/)
  await drover('assign', 'h1', 'web')
  await agent.until(/run ended.*changed=4/)

  t.match(JSON.parse(await drover('owned', 'h1', '--json')).owned, [
    { id: `file:${path('theirs')}`, before: { kind: 'file', paths: [{ content: 'kept' }] }, leftAt: null },
    { id: `file:${path('made')}`, claims: [{ role: 'web', place: /^roles\/web\/role\.yaml:\d+$/ }] },
    { id: `file:${path('kept')}`, before: { kind: 'absent' } },
    { id: `directory:${path('data')}`, onRemove: 'quarantine', since: /^2\d\d\d-/ },
  ])
  t.match(await drover('release-claim', 'h1', `file:${path('kept')}`), /keeps file:.* as it is/)
  t.match(await refused('release-claim', 'h1', 'file:/nobody'), /no such resource/)
  writeFileSync(path('data/theirs'), 'data')

  await drover('pause', 'h1', '--for', '1h', '--why', 'a look first', '--audit')
  await drover('unassign', 'h1', 'web')
  await agent.until(/mode=audit/)
  const shown = await runCli(['plan', 'h1', ...socket])
  t.equal(shown.code, 2)
  t.match(
    shown.out,
    /- file:.*made +web {2}roles\/web\/role\.yaml:\d+\n +no role declares it any more: put back as it was/,
  )
  t.match(shown.out, /moved to the quarantine/)
  t.ok(existsSync(path('made')))
  await drover('resume', 'h1')
  await agent.until(/trigger=\w+ .*changed=3/)
  t.equal(readFileSync(path('theirs'), 'utf8'), 'theirs\n')
  t.notOk(existsSync(path('made')))
  t.notOk(existsSync(path('data')))
  t.equal(readFileSync(path('kept'), 'utf8'), 'ours\n', 'what was released stays')
  t.match(await drover('history', 'h1'), /made/)

  const { quarantined } = JSON.parse(await drover('quarantine', 'list', 'h1', '--json'))
  t.match(quarantined, [{ path: path('data'), id: `directory:${path('data')}`, until: /^2\d\d\d-/ }])
  t.match(await drover('quarantine', 'restore', 'h1', quarantined[0].name), /data is back on h1/)
  t.equal(readFileSync(path('data/theirs'), 'utf8'), 'data')
  t.match(await refused('quarantine', 'restore', 'h1', quarantined[0].name), /nothing of the name/)
  t.match(await drover('audit'), /BringBack[\s\S]*ReleaseClaim/)

  agent.child.kill('SIGTERM')
  t.equal(await agent.ended, 0)
  master.child.kill('SIGTERM')
  t.equal(await master.ended, 0)
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { EXIT } from '../../cli/exit.ts'
import { daemon } from '../helpers/daemon.ts'
import { runCli } from '../helpers/run-cli.ts'
import { writeSite } from '../master/write-site.ts'

t.setTimeout(120_000)

t.test('a run is undone from the command line, as shown or not at all, and stays so', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const path = (name: string) => join(dir, 'host', name)
  mkdirSync(path('.'), { recursive: true })
  writeFileSync(path('theirs'), 'theirs\n')
  const role = (text: string) =>
    [
      `resources:\n  - file: [${path('theirs')}, ${path('made')}]\n    content: "${text}\\n"\n`,
      `  - command: touch ${path('ran')}\n    creates: ${path('ran')}\n`,
    ].join('')
  const site = join(dir, 'site')
  writeSite(site, {
    'hosts.yaml': 'hosts:\n  h1: { roles: [] }\n  h2: {}\n',
    'roles/web/role.yaml': role('ours'),
  })
  const master = daemon(['master', '--site', site, '--state', join(dir, 'm'), '--listen', '127.0.0.1:0'])
  t.teardown(() => master.child.kill('SIGKILL'))
  await master.until(/msg=ready/)
  const socket = ['--socket', join(dir, 'm', 'master.sock')]
  const drover = (...args: string[]) => runCli([...args, ...socket])

  const token = join(dir, 'token')
  writeFileSync(token, (await drover('invite', 'h1')).out, { mode: 0o600 })
  t.equal((await runCli(['join', '--token-file', token, '--state', join(dir, 'a')])).code, 0)
  const agent = daemon(['agent', '--state', join(dir, 'a')])
  t.teardown(() => agent.child.kill('SIGKILL'))
  await agent.until(/run ended/)
  await drover('assign', 'h1', 'web')
  await agent.until(/run ended.*changed=3/)
  // Its report is delivered a moment later.
  let run = ''
  while (run === '') {
    const { runs } = JSON.parse((await drover('runs', 'h1', '--json')).out)
    run =
      runs.find(({ summary }: { summary: { changed: number } | null }) => summary?.changed === 3)?.id ?? ''
  }

  t.match(await drover('undo', 'h1', 'ffffffff', '--check'), { err: /there is no such run/ })
  t.match(await drover('undo', 'h1', run), { code: EXIT.usage, err: /no terminal to ask on/ })
  const looked = await drover('undo', 'h1', run, '--check')
  t.equal(looked.code, EXIT.due)
  t.match(looked.out, /- file:.*made[\s\S]*put back as the run found it/)
  t.match(looked.out, /-ours\n +\+theirs/)
  t.match(looked.out, /stays as it is: what it did can not be taken back/)
  const [, plan = ''] = /drover undo h1 \S+ --plan (\S+)/.exec(looked.out) ?? []
  t.equal(readFileSync(path('theirs'), 'utf8'), 'ours\n', 'it changes nothing')
  const { drift } = JSON.parse((await drover('drift', 'h1', '--json')).out)
  t.same(drift, [], 'what an undo shows is no drift')

  // Somebody else comes in between.
  await drover('pause', 'h1', `file:${path('theirs')}`, '--for', '1h', '--why', 'a hand is needed')
  writeFileSync(path('theirs'), 'by hand\n')
  t.match(await drover('undo', 'h1', run, '--plan', plan), { out: /no longer what it was/ })
  t.equal(readFileSync(path('theirs'), 'utf8'), 'by hand\n')
  writeFileSync(path('theirs'), 'ours\n')
  const pauses = async () => JSON.parse((await drover('show', 'h1', '--json')).out).pauses
  t.match(await pauses(), { length: 1 }, 'nothing is left alone for an undo that was refused')

  const undone = await drover('undo', 'h1', run, '--plan', plan, '--why', 'the text is wrong')
  t.equal(undone.code, EXIT.done, undone.err)
  t.match(undone.err, /the site still declares .*drover resume h1/s)
  const back = () => {
    t.equal(readFileSync(path('theirs'), 'utf8'), 'theirs\n')
    t.notOk(existsSync(path('made')))
  }
  back()
  t.match(await pauses(), [
    { resource: `command:touch ${path('ran')}` },
    { resource: `file:${path('made')}`, reason: 'the text is wrong', atEnd: 'show' },
    { resource: `file:${path('theirs')}` },
  ])
  t.equal((await drover('apply', 'h1', '--yes')).code, EXIT.done)
  back()
  t.match((await drover('drift', 'h1')).out, /made[\s\S]*theirs/, 'it is shown as drift')
  t.match((await drover('runs', 'h1')).out, /undo of /)
  t.match(await drover('undo', 'h1', run, '--check'), { code: EXIT.done, out: /1 host: 1 in order/ })

  await drover('resume', 'h1')
  await agent.until(/(?:changed=2[\s\S]*){2}/)
  t.equal(readFileSync(path('made'), 'utf8'), 'ours\n', 'until it is resumed')
  const told = JSON.parse((await drover('undo', 'h1', run, '--yes', '--for', '2h', '--json')).out)
  t.match(told, { mode: 'apply', hosts: [{ host: 'h1', undo: { runId: run, whole: true } }] })
  t.match(told.paused, { resources: { length: 3 }, until: /^2\d\d\d-/ })
  t.match((await drover('audit')).out, /Undo/)

  agent.child.kill('SIGTERM')
  t.equal(await agent.ended, 0)
  master.child.kill('SIGTERM')
  t.equal(await master.ended, 0)
})

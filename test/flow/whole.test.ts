import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { DROVER, daemon } from '../helpers/daemon.ts'
import { writeSite } from '../master/write-site.ts'

const run = promisify(execFile)

t.test('a host that is invited joins, gets its catalog, applies it, and follows the site', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'motd')
  const roleOf = (text: string) =>
    `description: One file.\nresources:\n  - file: ${file}\n    content: "${text}\\n"\n`
  const site = join(dir, 'site')
  writeSite(site, { 'hosts.yaml': 'hosts:\n  h1: { roles: [web] }\n', 'roles/web/role.yaml': roleOf('one') })
  const master = daemon(['master', '--site', site, '--state', join(dir, 'm'), '--listen', '127.0.0.1:0'])
  t.teardown(() => master.child.kill('SIGKILL'))
  await master.until(/msg=ready/)
  const socket = join(dir, 'm', 'master.sock')
  const drover = async (...args: string[]) => (await run(process.execPath, [...DROVER, ...args])).stdout

  const token = join(dir, 'token')
  writeFileSync(token, await drover('invite', 'h1', '--socket', socket), { mode: 0o600 })
  await drover('join', '--token-file', token, '--state', join(dir, 'a'))
  const agent = daemon(['agent', '--state', join(dir, 'a')])
  t.teardown(() => agent.child.kill('SIGKILL'))
  await agent.until(/run ended.*changed=1/)
  t.equal(readFileSync(file, 'utf8'), 'one\n')

  writeFileSync(join(site, 'roles/web/role.yaml'), roleOf('two'))
  await agent.until(/run ended[\s\S]*run ended.*changed=1/)
  t.equal(readFileSync(file, 'utf8'), 'two\n', 'a change of the site is there without being asked for')

  const ran = async (): Promise<string> => {
    const { runs } = JSON.parse(await drover('runs', 'h1', '--socket', socket, '--json'))
    const one = runs.find(({ summary }: { summary: { changed: number } }) => summary.changed === 1)
    return one?.id ?? ran()
  }
  const shown = await drover('run', await ran(), '--socket', socket)
  t.match(
    shown,
    /^. file:\S+ +web {2}roles\/web\/role\.yaml:3$/m,
    'a run says where each resource is declared',
  )

  writeFileSync(join(site, 'roles/web/role.yaml'), 'description: [\n')
  await master.until(/site has errors/)
  t.match(JSON.parse(await drover('hosts', '--socket', socket, '--json')), { hosts: [{ name: 'h1' }] })

  master.child.kill('SIGTERM')
  t.equal(await master.ended, 0)
  agent.child.kill('SIGTERM')
  t.equal(await agent.ended, 0, 'both end well')
})

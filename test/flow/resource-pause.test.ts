import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { run } from '../bed/run.ts'
import { waitFor } from '../bed/wait.ts'
import { BUNDLE, openFleet } from '../helpers/fleet.ts'
import { writeSite } from '../master/write-site.ts'

/** Some resources of a host are left alone for a while, by a real agent and a real master. */
t.setTimeout(240_000)

const LIMIT_MS = 60_000
// As long as an agent takes to look at what it has heard of, many times over.
const QUIET_MS = 1500

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const held = await waitFor(async () => (await holds()) || null, { timeoutMs: LIMIT_MS, everyMs: 50 })
  if (held === null) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
}

t.test('resources that are paused are left alone and shown; all else is enforced', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const paths = { kept: join(dir, 'kept'), other: join(dir, 'other') }
  const [kept, other] = [`file:${paths.kept}`, `file:${paths.other}`]
  writeSite(join(dir, 'site'), {
    'hosts.yaml': 'hosts:\n  h1: { roles: [web, db] }\n  h2: { roles: [web] }\n',
    'roles/web/role.yaml': `description: One file.\nresources:\n  - file: ${paths.kept}\n    content: "declared\\n"\n`,
    'roles/db/role.yaml': `description: Another.\nresources:\n  - file: ${paths.other}\n    content: "declared\\n"\n`,
  })
  const master = await openFleet('127.0.0.1', join(dir, 'site'))
  t.teardown(() => master.close())
  const json = async (...words: string[]) => JSON.parse((await master.drover([...words, '--json'])).stdout)
  const state = join(dir, 'a')
  const token = join(dir, 'token')
  writeFileSync(token, (await master.drover(['invite', 'h1'])).stdout, { mode: 0o600 })
  await run([process.execPath, BUNDLE, 'join', '--token-file', token, '--state', state])
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [BUNDLE, 'agent', '--state', state], { stdio: 'ignore' })
    t.teardown(() => child.kill('SIGKILL'))
    return child
  }
  let agent = start()
  const reads = (path: string, text: string) => readFileSync(path, 'utf8') === text
  const isThere = (path: string) => {
    try {
      return reads(path, 'declared\n')
    } catch {
      return false
    }
  }
  await until('its first run', () => isThere(paths.kept) && isThere(paths.other))
  const driftOf = async () =>
    (await json('drift', 'h1')).drift as { resource: string; pause: object | null }[]

  await t.test('until the end, through a restart of the agent', async (t) => {
    const pause = (time: string) =>
      master.drover(['pause', 'h1', kept, '--for', time, '--why', 'a test by hand'])
    const paused = await pause('1h')
    t.match(paused.stdout, /h1 leaves file:\S+kept alone until .*; all else is enforced/)
    writeFileSync(paths.kept, 'by hand\n')
    writeFileSync(paths.other, 'by hand\n')
    await until('the other is put back', () => isThere(paths.other))
    await until('the drift is known', async () => (await driftOf()).length === 1)
    t.match(await driftOf(), [
      { resource: kept, pause: { reason: 'a test by hand', by: String, atEnd: 'revert' } },
    ])
    t.match(
      (await master.drover(['drift', 'h1'])).stdout,
      /left as it is: paused by .* until .*: a test by hand/,
    )
    t.match((await master.drover(['show', 'h1'])).stdout, /Paused\n {2}file:\S+kept {2}paused by/)
    const plan = await master.drover(['plan', 'h1'])
    t.match(plan.stdout, /= file:\S+kept[\s\S]*left as it is: paused by .*: a test by hand[\s\S]*1 paused/)
    t.equal(plan.code, 0, 'nothing is due')
    const applied = await master.drover(['apply', 'h1', '--yes'])
    t.match(applied, { code: 0 })

    await pause('10s')
    agent.kill('SIGKILL')
    await once(agent, 'exit')
    agent = start()
    await after(QUIET_MS)
    t.ok(reads(paths.kept, 'by hand\n'), 'it is as the hand left it')
    await until('it is put back at the end', () => isThere(paths.kept))
    await until('and no drift any more', async () => (await driftOf()).length === 0)
  })

  await t.test('and after the end where that is wanted, until it is resumed', async (t) => {
    await master.drover([
      'pause',
      'h1',
      '--role',
      'web',
      '--for',
      '2s',
      '--why',
      'a longer one',
      '--then',
      'show',
    ])
    writeFileSync(paths.kept, 'by hand\n')
    await after(2000)
    const ended = async () => (await master.drover(['drift', 'h1'])).stdout
    await until('it says so', async () => /pause ended .*, by .*: a longer one/.test(await ended()))
    await master.drover(['apply', 'h1', '--yes'])
    t.ok(reads(paths.kept, 'by hand\n'))
    const resumed = await master.drover(['resume', 'h1', kept, other])
    t.match(resumed.stdout, /kept is enforced again\nfile:\S+other was not paused/)
    await until('it is put back', () => isThere(paths.kept))
  })

  await t.test('only what there is, within bounds, and it is in the audit', async (t) => {
    const wrong = await master.drover(['pause', 'h1', `${kept}s`, '--for', '2s', '--why', 'a slip'])
    t.match(wrong, { code: 1, stderr: /the host has no such resource[\s\S]*did you mean "file:\S+kept"\?/ })
    const long = await master.drover(['pause', 'h1', kept, '--for', '91d', '--why', 'for ever'])
    t.match(long, { code: 1, stderr: /lasts from a second to 90 days/ })
    const nobody = await master.drover(['pause', 'h1', '--role', 'nobody', '--for', '2s', '--why', 'a slip'])
    t.match(nobody, { code: 1, stderr: /no resource of h1 is declared by this role/ })
    const rows = (await json('audit')).audit as { method: string; subject: string; request: object }[]
    t.match(
      rows.findLast(({ method }) => method === 'Pause'),
      { subject: 'h1', request: { resources: [kept], reason: 'a test by hand' } },
    )
  })

  await t.test('what a role declares, on every host that has it', async (t) => {
    const more = ['--for', '1h', '--why', 'a role']
    const paused = await master.drover(['pause', '--role', 'web', ...more])
    t.equal(paused.code, 0, paused.stderr)
    t.match(paused.stdout, /^h1 leaves file:\S+kept alone until .*\nafter that it is made again/)
    t.notMatch(paused.stdout, 'h2', 'it has not joined')
    t.match(paused.stderr, 'drover resume --role web')
    t.match(await json('show', 'h1'), { pauses: [{ resource: kept, reason: 'a role' }] })
    const [row] = ((await json('audit')).audit as { method: string; subject: string }[]).filter(
      ({ method, subject }) => method === 'Pause' && subject === 'role web',
    )
    t.ok(row, 'one call, one row')
    t.match(await json('pause', '--role', 'web', ...more), {
      role: 'web',
      hosts: [{ host: 'h1', resources: [kept] }],
    })
    const resumed = await master.drover(['resume', '--role', 'web'])
    t.match(resumed, { code: 0, stdout: /^h1 enforces file:\S+kept again\n$/ })
    t.match((await master.drover(['resume', '--role', 'web'])).stdout, 'h1 had none of it paused')
    t.match(await master.drover(['pause', '--role', 'wbe', ...more]), {
      code: 1,
      stderr: /did you mean "web"/,
    })
    t.match(await master.drover(['pause', ...more]), { code: 64, stderr: /name a host, or a role/ })
    t.match(await master.drover(['resume']), { code: 64 })
  })

  await t.test('and it ends in time where the master is away', async (t) => {
    await master.drover(['pause', 'h1', kept, '--for', '6s', '--why', 'a cut'])
    await until('the agent knows', async () => readFileSync(join(state, 'pauses'), 'utf8').includes('a cut'))
    master.signal('SIGSTOP')
    writeFileSync(paths.kept, 'by hand\n')
    await after(QUIET_MS)
    t.ok(reads(paths.kept, 'by hand\n'))
    await until('it is put back at the end', () => isThere(paths.kept))
    master.signal('SIGCONT')
  })
})

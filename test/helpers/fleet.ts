import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../bed/bed.ts'
import { CHECKOUT, ENVIRONMENT, GATEWAY } from '../bed/places.ts'
import { type Result, run } from '../bed/run.ts'
import { waitFor } from '../bed/wait.ts'

export const BUNDLE = join(CHECKOUT, 'dist/bundle/drover.js')
const UNIT = '/etc/systemd/system/drover-agent.service'
const VERB_TIMEOUT_MS = 300_000
const READY_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 30_000

/** A master on this machine as a process of its own, with a copy of a site, and the verbs that ask it. */
export interface Fleet {
  /** Its copy of the site, which may be written to. */
  readonly site: string
  readonly state: string
  /** `drover WORDS` as the administrator of this machine. */
  drover(words: readonly string[], stdin?: string): Promise<Result>
  /** What the master has logged. */
  log(): string
  /** To the master's own process. */
  signal(signal: NodeJS.Signals): void
  close(): Promise<void>
}

/** @param address where it listens; hosts of the bed reach this machine at that of the bridge */
export async function openFleet(
  address = GATEWAY,
  from = join(CHECKOUT, 'examples/community'),
): Promise<Fleet> {
  const dir = mkdtempSync(join(tmpdir(), 'drover-master-'))
  const [site, state] = [join(dir, 'site'), join(dir, 'state')]
  cpSync(from, site, { recursive: true })
  mkdirSync(state, { mode: 0o700 })
  const env = { ...ENVIRONMENT, DROVER_SERVER: `unix:${join(state, 'master.sock')}` }
  const words = ['master', '--site', site, '--state', state, '--listen', `${address}:0`]
  // Told to end when whoever started it dies in whatever way, where that can be.
  const bound = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'TERM'] : []
  const [program = '', ...argv] = [...bound, process.execPath, BUNDLE, ...words]
  const master = spawn(program, argv, { env, cwd: '/', stdio: ['ignore', 'inherit', 'pipe'] })
  let log = ''
  master.stderr.on('data', (piece) => {
    log += piece
  })
  const fleet: Fleet = {
    site,
    state,
    drover: (words, stdin = '') =>
      run([process.execPath, BUNDLE, ...words], { env, stdin, timeoutMs: VERB_TIMEOUT_MS }),
    log: () => log,
    signal: (signal) => void master.kill(signal),
    async close() {
      await end(master)
      rmSync(dir, { recursive: true, force: true })
    },
  }
  try {
    await ready(master, () => log)
    return fleet
  } catch (error) {
    await fleet.close()
    throw error
  }
}

async function ready(master: ChildProcess, log: () => string): Promise<void> {
  const signal = AbortSignal.timeout(READY_TIMEOUT_MS)
  while (!/msg=ready/.test(log())) {
    if (master.exitCode !== null) throw new Error(`the master ended before it was ready:\n${log()}`)
    const heard = once(master.stderr as NodeJS.ReadableStream, 'data', { signal })
    await Promise.race([heard, once(master, 'exit', { signal })])
  }
}

async function end(master: ChildProcess): Promise<void> {
  if (master.exitCode !== null || master.signalCode !== null) return
  const over = once(master, 'exit')
  master.kill('SIGTERM')
  const late = setTimeout(() => master.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await over
  clearTimeout(late)
}

/** Its values are encrypted to nobody as they are committed, so each who uses the site sets their own. */
export async function setSecrets({ site, state, drover }: Fleet): Promise<void> {
  writeFileSync(join(site, 'secrets/recipients.txt'), readFileSync(join(state, 'secrets.recipient')))
  for (const name of ['database/password', 'events/secret-key']) {
    const { code, stderr } = await drover(
      ['secret', 'set', name, '--site', site],
      randomBytes(32).toString('hex'),
    )
    if (code !== 0) throw new Error(stderr)
  }
}

/** The agent as a package would install it; it starts once the host has joined. */
export async function installAgent(host: Host): Promise<void> {
  const unit = readFileSync(join(CHECKOUT, 'packaging/drover-agent.service'), 'utf8')
  await host.write(UNIT, unit)
  await host.write(`${UNIT}.d/bed.conf`, bedDropIn(unit))
  await host.must(['systemctl', 'daemon-reload'])
}

/** Where the bed has node and the checkout; all else is as the unit has it. */
function bedDropIn(unit: string): string {
  const [start = ''] = /^ExecStart=.*$/m.exec(unit) ?? []
  const there = start
    .replace('/usr/bin/node', '/usr/local/bin/node')
    .replace('/usr/lib/drover/', '/opt/drover/')
  return `[Service]\nExecStart=\n${there}\n`
}

/** Lets a host in by an invitation, and starts its agent until it has a catalog: what `drover join` said. */
export async function letIn(fleet: Fleet, host: Host): Promise<string> {
  const invited = await fleet.drover(['invite', host.name])
  if (invited.code !== 0) throw new Error(invited.stderr)
  const joined = await host.must(['drover', 'join'], { stdin: invited.stdout })
  await host.must(['systemctl', 'enable', '--quiet', '--now', 'drover-agent.service'])
  const has = async () => {
    const { stdout } = await fleet.drover(['hosts', '--json'])
    const { hosts } = JSON.parse(stdout) as { hosts: { name: string; wantedCatalog: string | null }[] }
    return hosts.find(({ name }) => name === host.name)?.wantedCatalog ?? null
  }
  if ((await waitFor(has, { timeoutMs: READY_TIMEOUT_MS, everyMs: 100 })) === null)
    throw new Error(`${host.name} has no catalog:\n${fleet.log()}`)
  return joined
}

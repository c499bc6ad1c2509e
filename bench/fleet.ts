import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { MasterSettings } from '../master/settings.ts'
import { BenchedAgents } from './fleet/agents.ts'
import type { Load } from './fleet/agents-process.ts'
import { type Key, openSiteRepository, readersOf } from './fleet/fleet-site.ts'
import { makeState } from './fleet/fleet-state.ts'
import { BenchedMaster } from './fleet/master.ts'
import { measurePuppetServer, type PuppetMeasured } from './fleet/puppet-server.ts'
import { describeMachine, duration, machine, report, spread, table } from './report.ts'

/**
 * One master with thousands of agents: each with a connection of its own over mTLS, in a few processes beside the
 * master on the same machine. `--hosts 200` for a quick look; `--profile DIR` leaves profiles of the master's processor;
 * `--peers` measures Debian's Puppet Server with the same site before it, on a host of the bed, in some seven minutes.
 */
const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '2000' },
    profile: { type: 'string' },
    peers: { type: 'boolean', default: false },
  },
  // Flags of other benches.
  strict: false,
})
const HOSTS = Number(flags.hosts)
const PROCESSES = 4
const LOAD_MS = 8_000
const SETTLE_MS = 5_000
const FACTS_HOSTS = Math.min(500, HOSTS)
const HOOK_SECRET = 'what a forge signs its webhooks with'

const progress = (line: string) => process.stderr.write(`bench: ${line}\n`)
const rows: string[][] = []
const found: Record<string, unknown> = {}

/** What one thing cost the master, in milliseconds of the processor. */
async function costOf<T>(master: BenchedMaster, act: () => Promise<T>): Promise<{ got: T; cpuMs: number }> {
  const before = master.usage().cpuMs
  const got = await act()
  return { got, cpuMs: master.usage().cpuMs - before }
}

function tell(what: string, figure: string, note: string, figures: unknown): void {
  progress(`${what}: ${figure} ${note}`)
  rows.push([what, figure, note])
  found[what] = figures
}

async function connectAll(master: BenchedMaster, open: () => Promise<unknown>, agents: BenchedAgents) {
  await master.collect()
  const before = master.usage()
  const start = Date.now()
  const both = () =>
    Promise.all([agents.until('catalog', HOSTS, () => undefined), agents.until('welcome', HOSTS, open)])
  const { got: had, cpuMs } = await costOf(master, both)
  const [got, welcomed] = had
  const ms = Math.max(...got.map(({ at }) => at)) - start
  const connectedMs = Math.max(...welcomed.map(({ at }) => at)) - start
  const kb = got.reduce((sum, { value }) => sum + value, 0) / HOSTS / 1024
  const note = `catalog and content, ${kb.toFixed(0)} KiB each; ${duration(cpuMs)} of the master`
  tell('all connected', duration(connectedMs), 'from the first packet to the last welcome', { connectedMs })
  tell('all with what they need', duration(ms), note, { ms, cpuMs })
  await delay(SETTLE_MS)
  const grown = master.usage().rssMb
  await master.collect()
  const after = master.usage()
  const each = ((after.rssMb - before.rssMb) * 1024) / HOSTS
  const figures = { beforeMb: before.rssMb, grownMb: grown, afterMb: after.rssMb, eachKb: each }
  const memory = `${before.rssMb.toFixed(0)} MB before; ${grown.toFixed(0)} MB after, ${after.rssMb.toFixed(0)} MB with its garbage cleared away`
  tell('memory of a connected agent', `${each.toFixed(0)} kB`, memory, figures)
}

/** What thousands of connections cost while nothing happens. */
async function idle(master: BenchedMaster): Promise<void> {
  const { cpuMs } = await costOf(master, () => delay(LOAD_MS))
  tell('idle', `${((100 * cpuMs) / LOAD_MS).toFixed(1)} %`, 'of a core of the master', { cpuMs, ms: LOAD_MS })
}

/** Returns how many catalogs a second were compiled and with their agents. */
async function changeSite(
  master: BenchedMaster,
  agents: BenchedAgents,
  key: Key,
  change: (key: Key) => Promise<void>,
): Promise<number> {
  const count = readersOf(key, HOSTS)
  let start = 0
  let made = 0
  const { got, cpuMs } = await costOf(master, () =>
    agents.until('catalog', count, async () => {
      start = Date.now()
      const used = master.said('site in use')
      await change(key)
      made = (await used) - start
    }),
  )
  // Who reads nothing of it would tell soon.
  const last = Math.max(...got.map(({ at }) => at)) - start
  const note = `compiled after ${duration(made)}, ${Math.round((count * 1000) / made)} a second; ${duration(cpuMs)} of the master`
  tell(`a key that ${count} hosts read`, duration(last), note, {
    hosts: count,
    lastMs: last,
    compiledMs: made,
    cpuMs,
  })
  return (count * 1000) / last
}

async function changeFacts(master: BenchedMaster, agents: BenchedAgents): Promise<void> {
  const start = Date.now()
  const { got, cpuMs } = await costOf(master, () =>
    agents.until('catalog', FACTS_HOSTS, () => agents.become(FACTS_HOSTS, 1)),
  )
  const last = Math.max(...got.map(({ at }) => at)) - start
  const note = `${Math.round((FACTS_HOSTS * 1000) / last)} a second; ${duration(cpuMs)} of the master`
  tell(`facts of ${FACTS_HOSTS} hosts`, duration(last), note, { hosts: FACTS_HOSTS, lastMs: last, cpuMs })
}

async function load(master: BenchedMaster, agents: BenchedAgents, what: string, load: Load) {
  const theirs = agents.cpuMs()
  const start = performance.now()
  const { got, cpuMs } = await costOf(master, () => agents.load(load, 200, LOAD_MS))
  const ms = performance.now() - start
  const { calls, failed, why } = got
  const eachUs = (1000 * cpuMs) / calls
  const agentsUs = (1000 * (agents.cpuMs() - theirs)) / calls
  const note = `${eachUs.toFixed(0)} µs of the master's processor each, ${agentsUs.toFixed(0)} µs of the agent's`
  const failures = failed === 0 ? '' : `; ${failed} failed: ${why}`
  const perSecond = (calls * 1000) / ms
  tell(what, `${perSecond.toFixed(0)} a second`, note + failures, {
    perSecond,
    calls,
    failed,
    ms,
    cpuMs,
    agentsUs,
  })
}

async function restart(master: BenchedMaster, agents: BenchedAgents): Promise<void> {
  let [killed, ready] = [0, 0]
  const events = await agents.until('welcome', HOSTS, async () => {
    killed = Date.now()
    await master.end('SIGKILL')
    await master.start()
    ready = Date.now()
  })
  const ms = Math.max(...events.map(({ at }) => at)) - killed
  const { median, max } = spread(events.map(({ value }) => value))
  const mean = events.reduce((sum, { value }) => sum + value, 0) / events.length
  const note = `ready after ${duration(ready - killed)}; ${mean.toFixed(1)} attempts each, at most ${max}`
  tell('all back after a kill', duration(ms), note, {
    ms,
    readyMs: ready - killed,
    mean,
    median,
    max,
  })
}

/** Puppet Server compiles every catalog anew, so what it does stands beside drover's fresh ones alone. */
function tellPuppet({ version, loads, rssMb }: PuppetMeasured, freshPerSecond: number): void {
  const name = `Puppet Server ${version}`
  for (const { callers, perSecond, cpuMsEach } of loads) {
    const { median, min, max } = perSecond
    const times = freshPerSecond / median
    const note = `${min.toFixed(1)} to ${max.toFixed(1)}; ${duration(cpuMsEach)} of its processor each; drover's ${freshPerSecond.toFixed(0)} fresh ones a second with their agents are × ${times.toPrecision(2)}`
    const what = `${name}, ${callers} hosts asking at a time`
    tell(what, `${median.toFixed(1)} a second`, note, { perSecond, cpuMsEach, freshPerSecond, times })
  }
  const note = 'with a heap of 2 GB; nothing of it corresponds to catalogs that are known already'
  tell(`memory of ${name} at the end`, `${rssMb.toFixed(0)} MB`, note, { rssMb })
}

/** Returns how many fresh catalogs a second all agents had, where every one of them changed. */
async function measureAll(dir: string, scratch: string, master: BenchedMaster, settings: MasterSettings) {
  const agents = new BenchedAgents()
  const repository = openSiteRepository(join(dir, 'site'), HOSTS)
  progress(`issuing ${HOSTS} certificates`)
  const { members, roots } = await makeState(settings.state, HOSTS)
  try {
    const used = master.said('site in use')
    const start = Date.now()
    await master.start()
    const compiled = (await used) - start
    const rate = `${Math.round((HOSTS * 1000) / compiled)} a second`
    tell('first start with all to compile', duration(compiled), `${rate}, 50 resources each`, {
      ms: compiled,
    })
    await delay(SETTLE_MS)

    const to = { roots, address: settings.listen, dir: scratch }
    await connectAll(master, () => agents.open(PROCESSES, members, to), agents)
    await idle(master)
    const change = async (key: Key) => {
      repository.change(key)
      await hook(settings)
    }
    const freshPerSecond = await changeSite(master, agents, 'all', change)
    for (const key of ['half', 'one'] as const) await changeSite(master, agents, key, change)
    await changeFacts(master, agents)
    await load(master, agents, 'catalogs, all of it', 'catalogs')
    await load(master, agents, 'catalogs, known already', 'known catalogs')
    await load(master, agents, 'reports of 10 changes, 8 KiB', 'reports')
    await load(master, agents, 'reports without a change', 'unchanged')
    // Who is killed leaves no profile.
    if (flags.profile === undefined) await restart(master, agents)
    const { rssMb } = master.usage()
    tell('memory of the master at the end', `${rssMb.toFixed(0)} MB`, '', { rssMb })
    return freshPerSecond
  } finally {
    await agents.close()
  }
}

/** As a forge says that there is something new. */
async function hook({ http }: MasterSettings): Promise<void> {
  const headers = { 'x-gitlab-token': HOOK_SECRET }
  const { status } = await fetch(`http://${http}/hook/site`, { method: 'POST', headers })
  if (status !== 204) throw new Error(`the webhook was answered with ${status}`)
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((one) => new Promise((done) => one.once('listening', done))))
  const ports = servers.map((one) => (one.address() as { port: number }).port)
  await Promise.all(servers.map((one) => new Promise((done) => one.close(done))))
  return ports
}

async function main(): Promise<void> {
  const before = machine()
  // Before all else: alone on the machine, and what it lacks is said at once.
  const puppet = flags.peers === true ? await measurePuppetServer(HOSTS, progress) : null
  // Its database on a real disk; what belongs to the agents' machines is not this one's work.
  const dir = mkdtempSync('/var/tmp/drover-bench-fleet-')
  const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'drover-bench-fleet-'))
  const [listen, enrollment, http] = (await freePorts(3)).map((port) => `127.0.0.1:${port}`)
  if (!listen || !enrollment || !http) throw new Error('no free ports')
  mkdirSync(join(dir, 'site'))
  const hookSecret = join(dir, 'hook')
  writeFileSync(hookSecret, HOOK_SECRET)
  const settings: MasterSettings = {
    site: { git: join(dir, 'site'), branch: 'main', pollMs: 3_600_000, allowRewrite: false },
    state: join(dir, 'state'),
    names: ['127.0.0.1'],
    ...{ listen, enrollment, http, hookSecret, metrics: null },
    socket: join(dir, 'master.sock'),
  }
  const master = new BenchedMaster(settings, typeof flags.profile === 'string' ? flags.profile : null)
  try {
    const freshPerSecond = await measureAll(dir, scratch, master, settings)
    if (puppet !== null) tellPuppet(puppet, freshPerSecond)
  } finally {
    await master.end('SIGTERM')
    rmSync(dir, { recursive: true, force: true })
    rmSync(scratch, { recursive: true, force: true })
  }
  const title = [`${HOSTS} agents in ${PROCESSES} processes`, '']
  const notes = ['', ...rows.map(([, , note]) => note ?? '')]
  const figures = table([title, ...rows.map((row) => row.slice(0, 2))])
  const told = figures.map((line, i) => `${line}   ${notes[i]}`.trimEnd())
  const lines = [...told, '', ...(puppet === null ? [PUPPET] : []), describeMachine(before)]
  report('fleet', lines, { hosts: HOSTS, ...found, machine: before })
}

const PUPPET =
  'for comparison, not measured here, as --peers would: Puppet Server 7.9 on 2 GB compiles about 7 catalogs a second'

await main()

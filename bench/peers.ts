import { parseArgs } from 'node:util'
import { parseStatus } from '../agent/dpkg.ts'
import { bedReason, type Host, openBed } from '../test/bed/bed.ts'
import { DIRECTORY, describeWork, makeWork, usualWork, type Work } from './make-work.ts'
import type { Measured } from './measure.ts'
import { bareNode, describeMachine, duration, machine, report } from './report.ts'
import { linesOf, type Row, row, warmRow } from './rows.ts'
import { CHECKOUT, DROVER, PEERS, PLACE, type Tool } from './tools.ts'
import type { Warm } from './warm.ts'

/**
 * How long does it take to say that nothing has changed? The same work, on one host, in one run: drover from a cold
 * start and warm in one process, beside the peers as Debian has them. Each run is checked to have found nothing to do.
 * `--no-peers` measures drover alone; `--without ansible` leaves out the one that takes minutes.
 */
const STATE = '/var/lib/drover'
const MAX_RUN_MS = 20 * 60_000
const INSTALL_MS = 15 * 60_000
const WARM_RUNS = 20

const progress = (line: string) => process.stderr.write(`bench: ${line}\n`)

async function measured(host: Host, argv: readonly string[]): Promise<Measured> {
  const script = `${CHECKOUT}/dist/bench/measure.js`
  const said = await host.must(['node', script, String(MAX_RUN_MS), ...argv], {
    timeoutMs: MAX_RUN_MS + 10_000,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
  })
  const run: Measured = JSON.parse(said)
  if (run.code === null) throw new Error(`"${argv.join(' ')}" was ended after ${duration(run.ms)}`)
  return run
}

async function look(host: Host, { name, look, settled }: Tool): Promise<Measured> {
  const run = await measured(host, look)
  if (settled(run)) return run
  throw new Error(
    `${name} did not find everything in order (exit code ${run.code}): ${run.said.slice(-2000)}`,
  )
}

async function install(host: Host, tools: readonly Tool[]): Promise<void> {
  const packages = ['time', ...tools.flatMap((tool) => tool.packages)]
  progress(`installing in the host: ${packages.join(' ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await host.must(['apt-get', 'update', '-q'], { timeoutMs: INSTALL_MS })
  const argv = ['apt-get', 'install', '--yes', '-q', '--no-install-recommends', ...packages]
  await host.must(argv, { timeoutMs: INSTALL_MS, env })
}

/** Fifty packages that the host has, by name. */
async function packagesOf(host: Host): Promise<string[]> {
  const installed = [...parseStatus(await host.read('/var/lib/dpkg/status'))]
  const names = installed.filter(([name, { status }]) => status === 'installed' && !name.includes(':'))
  return names.map(([name]) => name).slice(0, 50)
}

/** Takes files and users away, so that they have to be made. */
async function clear(host: Host, { users }: Work): Promise<void> {
  await host.must(['rm', '-rf', '--', DIRECTORY])
  for (const user of users) await host.exec(['userdel', '--remove', '--', user])
}

/** What a tool has made drover finds in order, so that all of them do the same work. */
async function firsts(host: Host, tool: Tool, work: Work): Promise<Measured[]> {
  const runs: Measured[] = []
  for (let i = 0; i < tool.firsts; i += 1) {
    await clear(host, work)
    runs.push(await measured(host, tool.make))
    await look(host, DROVER)
  }
  return runs
}

/** In rounds, so that whatever else the machine does meets all of them. */
async function looks(host: Host, tools: readonly Tool[]): Promise<ReadonlyMap<Tool, Measured[]>> {
  const runs = new Map<Tool, Measured[]>(tools.map((tool) => [tool, []]))
  for (let round = 0; round < Math.max(...tools.map((tool) => tool.runs)); round += 1) {
    for (const tool of tools) {
      if (round < tool.runs) runs.get(tool)?.push(await look(host, tool))
    }
  }
  return runs
}

async function warm(host: Host): Promise<Warm> {
  const argv = [
    'node',
    `${CHECKOUT}/dist/bench/warm.js`,
    `${PLACE}/drover`,
    'bench',
    STATE,
    String(WARM_RUNS),
  ]
  return JSON.parse(await host.must(argv))
}

async function versionOf(host: Host, { version }: Tool): Promise<string> {
  return /\d+(\.\d+)+/.exec(await host.must(version))?.[0] ?? 'unknown'
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'no-peers': { type: 'boolean' }, without: { type: 'string', multiple: true, default: [] } },
  })
  const isWanted = ({ name }: Tool) => !values.without.some((one) => name.toLowerCase().startsWith(one))
  const reason = bedReason()
  if (reason !== null) throw new Error(`this bench needs a host: ${reason}`)
  const before = machine()
  const tools = [DROVER, ...(values['no-peers'] ? [] : PEERS.filter(isWanted))]
  const bed = await openBed()
  try {
    const host = await bed.host()
    await measureAll(host, tools, before)
  } finally {
    await bed.close()
  }
}

async function measureAll(
  host: Host,
  tools: readonly Tool[],
  before: ReturnType<typeof machine>,
): Promise<void> {
  const work = usualWork(await packagesOf(host))
  await install(host, tools)
  for (const [path, text] of makeWork(work)) await host.write(`${PLACE}/${path}`, text, { mode: '0600' })
  // Once for what is not taken away below: drover marks packages as wanted, which its peers do not.
  await measured(host, DROVER.make)

  const missing: Row[] = []
  // drover last, so that its peers find what it has made in order.
  for (const tool of [...tools].reverse()) {
    progress(`${tool.name}: making everything, ${tool.firsts} times`)
    missing.unshift(row(tool.making ?? tool.name, tool.note, await firsts(host, tool, work)))
  }
  progress('looking at everything')
  // Warms up; CFEngine sets down what it meets for the first time. What is run but once takes minutes and is warm.
  for (const { runs, look } of tools) if (runs > 1) await measured(host, look)
  const looked = await looks(host, tools)
  const settled = [...looked].map(([tool, runs]) => row(tool.looking ?? tool.name, tool.note, runs))
  settled.splice(1, 0, warmRow(await warm(host)))

  const versions: string[] = []
  for (const tool of tools) versions.push(`${tool.name} ${await versionOf(host, tool)}`)
  const bareNodeMs = bareNode()
  const { median, min, max } = bareNodeMs
  const lines = [
    describeWork(work),
    '',
    ...linesOf('nothing to change', settled),
    '',
    ...linesOf('files and users missing', missing),
    '',
    `node alone starts and ends in ${duration(median)} here (${duration(min)} to ${duration(max)})`,
    `versions: ${versions.join(', ')}`,
    describeMachine(before),
  ]
  report('peers', lines, {
    work: describeWork(work),
    settled,
    missing,
    bareNodeMs,
    versions,
    machine: before,
  })
}

await main()

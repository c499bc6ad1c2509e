import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Outcome } from '../lib/outcome.ts'
import { bedReason, type Host, openBed } from '../test/bed/bed.ts'
import { addressOf } from '../test/bed/places.ts'
import { giveWork } from '../test/helpers/give-work.ts'
import { makePki, SmallMaster } from '../test/helpers/small-master.ts'
import type { Hurt, Took } from './damage-measure.ts'
import { hurtsOf, moreWork } from './damage-work.ts'
import { startAgent, usageOfAgent } from './host-agent.ts'
import { describeMachine, duration, machine, report, table } from './report.ts'

/**
 * How long each type of resource stays damaged on a host with 574 resources and some of every type beside them, and
 * what its agent takes while nothing happens. `--rounds=3 --minutes=1` for a quick look.
 */
const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, minutes: { type: 'string', default: '3' } },
  // Flags of other benches.
  strict: false,
})
const [ROUNDS, MINUTES] = [Number(flags.rounds), Number(flags.minutes)]
const [FIRST_RUN_MS, SETTLE_MS, ROUND_MS] = [300_000, 15_000, 300_000]
// Of files there are more, and each is hurt once.
const FILES_A_ROUND = 5

const MEASURE = ['/usr/local/bin/node', '/opt/drover/dist/bench/damage-measure.js']

/** Each type in turn, so that what goes on beside it is the same for all. */
async function hurtAll(host: Host, hurts: ReadonlyMap<string, readonly Hurt[]>): Promise<Took[]> {
  const took: Took[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = [...hurts].flatMap(([type, all]) => {
      const many = type === 'file' ? FILES_A_ROUND : 1
      const nth = (i: number) => all[(round * many + i) % all.length] as Hurt
      return Array.from({ length: many }, (_, i) => [type, nth(i)] as const)
    })
    const said = await host.must(MEASURE, { stdin: JSON.stringify(given), timeoutMs: ROUND_MS })
    took.push(...(JSON.parse(said) as Took[]))
  }
  return took
}

function spreadOf(took: readonly Took[]) {
  const all = took.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const at = (share: number) => all[Math.ceil(share * all.length) - 1] ?? 0
  return { number: all.length, p50: at(0.5), p99: at(0.99), longest: at(1) }
}

const shown = (ms: number) => (Number.isFinite(ms) ? duration(ms) : 'never')

/** The host as it should be, and nothing to do. */
async function settle(host: Host, master: SmallMaster): Promise<void> {
  await startAgent(host)
  const late = delay(FIRST_RUN_MS, undefined, { ref: false }).then(() => {
    throw new Error('the agent did not make the host what it should be in time')
  })
  const first = () => [...master.rows.values()].find(({ head }) => (head.counts?.changed ?? 0) > 500)
  await Promise.race([master.until(first), late])
  const { outcomes } = JSON.parse(String(first()?.body)) as { outcomes: readonly Outcome[] }
  const failed = outcomes.filter(({ status }) => status === 'failed')
  if (failed.length > 0) throw new Error(`not all is in order: ${JSON.stringify(failed.slice(0, 3))}`)
  await delay(SETTLE_MS)
}

/** Percent of a core: of the agent alone, and with the programs that it starts. */
async function idleCpu(host: Host): Promise<{ own: number; all: number }> {
  const [before, from] = [await usageOfAgent(host), performance.now()]
  await delay(MINUTES * 60_000)
  const [after, ms] = [await usageOfAgent(host), performance.now() - from]
  const own = (100 * (after.cpuMs - before.cpuMs)) / ms
  return { own, all: own + (100 * (after.childrenMs - before.childrenMs)) / ms }
}

async function measureAll(host: Host, master: SmallMaster, packages: readonly string[]): Promise<void> {
  const before = machine()
  await settle(host, master)
  const idle = await idleCpu(host)
  const took = await hurtAll(host, hurtsOf(packages))
  const types = [...new Set(took.map(({ type }) => type))]
  const spreads = [
    ...types.map((type) => [type, spreadOf(took.filter((one) => one.type === type))] as const),
    ['all of them', spreadOf(took)] as const,
  ]
  const rows = [
    ['from the end of a damage to its repair', 'p50', 'p99', 'longest', 'number'],
    ...spreads.map(([type, { p50, p99, longest, number }]) => [
      ...[type, shown(p50), shown(p99), shown(longest), String(number)],
    ]),
  ]
  const cpu = `processor while idle: ${idle.own.toFixed(3)} % of a core, ${idle.all.toFixed(3)} % with what it starts, over ${MINUTES} minutes`
  const load = `load after: ${machine().load.join(' ')}`
  report('damage', [...table(rows), '', cpu, describeMachine(before), load], {
    ...{ spreads: Object.fromEntries(spreads), idle, minutes: MINUTES, rounds: ROUNDS, machine: before },
  })
}

async function main(): Promise<void> {
  const reason = bedReason()
  if (reason !== null) throw new Error(`this bench needs a host: ${reason}`)
  const bed = await openBed()
  const dir = mkdtempSync(join(tmpdir(), 'drover-bench-damage-'))
  const gateway = addressOf(1)
  const master = new SmallMaster(await makePki(gateway))
  try {
    const host = await bed.host({ name: 'bench' })
    master.address = `${gateway}:0`
    await master.start()
    let packages: readonly string[] = []
    await giveWork(host, master, dir, (free) => {
      packages = free
      return moreWork(free)
    })
    await host.must(['mkdir', '-p', '/etc/cron.d', '/srv/damage'])
    await host.must(['sh', '-c', 'for i in $(seq 0 19); do touch /srv/damage/line$i; done'])
    await measureAll(host, master, packages)
  } finally {
    master.stop()
    await bed.close()
    rmSync(dir, { recursive: true })
  }
}

await main()

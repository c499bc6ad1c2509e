import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bedReason, type Host, openBed } from '../test/bed/bed.ts'
import { addressOf } from '../test/bed/places.ts'
import { giveWork } from '../test/helpers/give-work.ts'
import { makePki, SmallMaster } from '../test/helpers/small-master.ts'
import { startAgent, usageOfAgent } from './host-agent.ts'
import { describeMachine, duration, machine, median, report, table } from './report.ts'

/**
 * What an agent costs a host that is in order: its memory, the processor while it waits, and a look at all 574
 * resources. `--minutes=2` for a quick look.
 */
const { values: flags } = parseArgs({
  options: { minutes: { type: 'string', default: '10' } },
  // Flags of other benches.
  strict: false,
})
const MINUTES = Number(flags.minutes)
const [SWEEPS, SETTLE_MS] = [20, 20_000]
const FIRST_RUN_MS = 120_000

/** In order already: what is left is to look. */
async function sweeps(host: Host, master: SmallMaster) {
  const before = await usageOfAgent(host)
  const walls: number[] = []
  for (let i = 0; i < SWEEPS; i += 1) {
    const { run_id } = await master.order({
      ...{ request_id: `sweep ${i}`, kind: 'RUN_KIND_APPLY', catalog_sha256: '', fingerprint: '' },
    })
    const head = master.rows.get(run_id)?.head
    if (head?.counts?.settled !== 574) throw new Error(`not all is settled: ${JSON.stringify(head)}`)
    walls.push(head.duration_ms)
  }
  const after = await usageOfAgent(host)
  return {
    wallMs: median(walls),
    // The first ones are slower, as they are on any host.
    cpuMs: (after.cpuMs - before.cpuMs) / SWEEPS,
    childrenMs: (after.childrenMs - before.childrenMs) / SWEEPS,
    rssMb: after.rssMb,
  }
}

async function measureAll(
  host: Host,
  master: SmallMaster,
  before: ReturnType<typeof machine>,
): Promise<void> {
  await startAgent(host)
  const isMade = ({ head }: { head: { counts: { changed?: number } | null } }) =>
    (head.counts?.changed ?? 0) > 500
  const late = delay(FIRST_RUN_MS, undefined, { ref: false }).then(() => {
    throw new Error('the agent did not make the host what it should be in time')
  })
  await Promise.race([master.until(() => [...master.rows.values()].some(isMade)), late])
  await delay(SETTLE_MS)
  const first = await usageOfAgent(host)
  await delay(MINUTES * 60_000)
  const last = await usageOfAgent(host)
  const ms = MINUTES * 60_000
  const percent = (100 * (last.cpuMs - first.cpuMs)) / ms
  const withOthers = percent + (100 * (last.childrenMs - first.childrenMs)) / ms
  const swept = await sweeps(host, master)
  await delay(SETTLE_MS)
  const { rssMb } = await usageOfAgent(host)
  const rows = [
    ['an agent with 574 resources in order', '', ''],
    ['memory after the first run', `${first.rssMb.toFixed(1)} MB`, ''],
    [`memory after ${MINUTES} idle minutes`, `${last.rssMb.toFixed(1)} MB`, ''],
    ['memory after 20 sweeps', `${rssMb.toFixed(1)} MB`, `${swept.rssMb.toFixed(1)} MB at once`],
    ['processor while idle', `${percent.toFixed(3)} %`, `${withOthers.toFixed(3)} % with what it starts`],
    ['a sweep', duration(swept.wallMs), `median of ${SWEEPS}`],
    [
      'its processor',
      `${swept.cpuMs.toFixed(0)} ms`,
      `and ${swept.childrenMs.toFixed(0)} ms of what it starts, such as systemctl`,
    ],
  ]
  report('idle', [...table(rows), '', describeMachine(before)], {
    ...{ minutes: MINUTES, first, last, percent, withOthers, swept, rssMb, machine: before },
  })
}

async function main(): Promise<void> {
  const reason = bedReason()
  if (reason !== null) throw new Error(`this bench needs a host: ${reason}`)
  const before = machine()
  const bed = await openBed()
  const dir = mkdtempSync(join(tmpdir(), 'drover-bench-idle-'))
  const gateway = addressOf(1)
  const master = new SmallMaster(await makePki(gateway))
  try {
    const host = await bed.host({ name: 'bench' })
    master.address = `${gateway}:0`
    await master.start()
    await giveWork(host, master, dir)
    await measureAll(host, master, before)
  } finally {
    master.stop()
    await bed.close()
    rmSync(dir, { recursive: true })
  }
}

await main()

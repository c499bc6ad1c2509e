import { readFacts } from '../agent/facts.ts'
import { openSession } from '../agent/local.ts'
import { makeCatalog, openSite } from '../cli/site.ts'
import { states } from '../states/index.ts'

/** What an agent that is already running takes to look at a whole host again, measured inside one process. */
export type Warm = {
  readonly resources: number
  readonly first: number
  readonly times: readonly number[]
  /** For one look, the first left out. */
  readonly cpuMs: number
  readonly memoryMb: number
}

/** Runs on the host: `node warm.js SITE HOST STATE RUNS`; says a `Warm` as JSON. */
async function warm(dir: string, name: string, stateDir: string, runs: number): Promise<Warm> {
  const made = await makeCatalog(dir, await openSite(dir), name, readFacts())
  const { signal } = new AbortController()
  const nothing = () => undefined
  const session = openSession({
    ...made,
    ...{ states, stateDir, tell: nothing, waiting: nothing, signal, kill: signal },
  })
  const look = async () => {
    const started = performance.now()
    const { outcomes } = await session.check()
    const ms = performance.now() - started
    const other = outcomes.find(({ status }) => status !== 'settled')
    if (other !== undefined) throw new Error(`${other.id} is ${other.status}`)
    return ms
  }
  try {
    const first = await look()
    const before = process.cpuUsage()
    const times: number[] = []
    for (let i = 0; i < runs; i += 1) times.push(await look())
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1000 / runs
    const resources = made.catalog.resources.length
    return { resources, first, times, cpuMs, memoryMb: process.memoryUsage.rss() / 1024 / 1024 }
  } finally {
    session.close()
  }
}

const [, , dir = '.', name = '', stateDir = '', runs = '20'] = process.argv
process.stdout.write(JSON.stringify(await warm(dir, name, stateDir, Number(runs))))

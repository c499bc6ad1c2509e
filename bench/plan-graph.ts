import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parse } from 'valibot'
import { converge } from '../agent/converge.ts'
import { order } from '../lib/catalog.ts'
import type { AnyState } from '../lib/state.ts'
import { file } from '../states/file.ts'
import { fakeHost, fakeJournal, fakeLedger, resource } from '../test/helpers/fake-host.ts'
import { describeMachine, duration, machine, report, type Spread, spread } from './report.ts'

/**
 * How long it takes to order and plan a graph of 10,000 resources, each of which needs one or two others, without
 * the readings: the host is in memory. Each case is run in a process of its own, whose first pass is told apart.
 *
 * The processor's time is that of all threads: what the engine compiles and collects beside the pass counts too.
 */
const COUNT = 10_000
const RUNS = 31
const CASES = { settled: 'all in order', differing: 'all differing, with their diffs' } as const
type Case = keyof typeof CASES
type Pass = { readonly ms: number; readonly cpuMs: number }

const before = machine()

const states = new Map<string, AnyState>([['file', file]])
const props = parse(file.props, {}) as Record<string, unknown>
const resources = Array.from({ length: COUNT }, (_, i) =>
  resource(`file:/etc/${i}`, props, {
    needs:
      i === 0
        ? []
        : [`file:/etc/${Math.floor(i / 2)}`, ...(i % 3 === 0 ? [`file:/etc/${i - 1}` as const] : [])],
  }),
).reverse()

const [, , asked] = process.argv
if (asked !== undefined && asked in CASES) {
  const passes: Pass[] = []
  for (let run = 0; run < RUNS; run++) passes.push(await measure(asked as Case))
  process.stdout.write(JSON.stringify(passes))
} else {
  const lines: string[] = []
  const figures: Record<string, { firstMs: number; thenMs: Spread; thenCpuMs: Spread }> = {}
  for (const [name, what] of Object.entries(CASES)) {
    const [first, ...more] = passesOf(name)
    const firstMs = first?.ms ?? 0
    const then = spread(more.map(({ ms }) => ms))
    const cpu = spread(more.map(({ cpuMs }) => cpuMs))
    figures[name] = { firstMs, thenMs: then, thenCpuMs: cpu }
    const wall = `${duration(then.median)} (at best ${duration(then.min)})`
    lines.push(
      `${COUNT} resources, ${what}: first ${duration(firstMs)}, then ${wall}, ${duration(cpu.median)} of the processor`,
    )
  }
  report('plan-graph', [...lines, describeMachine(before)], { ...figures, machine: before })
}

function passesOf(name: string): Pass[] {
  const script = fileURLToPath(import.meta.url)
  return JSON.parse(execFileSync(process.execPath, [script, name], { encoding: 'utf8' }))
}

async function measure(which: Case): Promise<Pass> {
  const { host, perform, put } = fakeHost()
  if (which === 'settled') for (const { name } of resources) put(name)
  const started = performance.now()
  const used = process.cpuUsage()
  const { outcomes } = await converge(
    { resources: order(resources) },
    {
      mode: 'check',
      host,
      states,
      blobs: new Map(),
      journal: fakeJournal(),
      ledger: fakeLedger,
      perform,
      tell: () => undefined,
    },
  )
  const { user, system } = process.cpuUsage(used)
  const ms = performance.now() - started
  const wanted = which === 'settled' ? 'settled' : 'planned'
  if (outcomes.some(({ status }) => status !== wanted)) throw new Error(`not everything was ${wanted}`)
  return { ms, cpuMs: (user + system) / 1000 }
}

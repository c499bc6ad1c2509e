import { parse } from 'valibot'
import { converge } from '../agent/converge.ts'
import { order } from '../lib/catalog.ts'
import type { AnyState } from '../lib/state.ts'
import { file } from '../states/file.ts'
import { fakeHost, fakeJournal, resource } from '../test/helpers/fake-host.ts'
import { describeMachine, duration, machine, report, type Spread, spread } from './report.ts'

/**
 * How long it takes to order and plan a graph of 10,000 resources, each of which needs one or two others, without
 * the readings: the host is in memory.
 */
const COUNT = 10_000
const RUNS = 15

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

const lines: string[] = []
const figures: Record<string, { firstMs: number; thenMs: Spread }> = {}
for (const settled of [true, false]) {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) times.push(await measure(settled))
  const [first = 0, ...more] = times
  const then = spread(more)
  const what = settled ? 'all in order' : 'all differing, with their diffs'
  figures[settled ? 'settled' : 'differing'] = { firstMs: first, thenMs: then }
  lines.push(`${COUNT} resources, ${what}: first ${duration(first)}, then ${duration(then.median)}`)
}
report('plan-graph', [...lines, describeMachine(before)], { ...figures, machine: before })

async function measure(settled: boolean): Promise<number> {
  const { host, perform, put } = fakeHost()
  if (settled) for (const { name } of resources) put(name)
  const started = performance.now()
  const { outcomes } = await converge(
    { resources: order(resources) },
    { mode: 'check', host, states, blobs: new Map(), journal: fakeJournal(), perform, tell: () => undefined },
  )
  const ms = performance.now() - started
  const wanted = settled ? 'settled' : 'planned'
  if (outcomes.some(({ status }) => status !== wanted)) throw new Error(`not everything was ${wanted}`)
  return ms
}

import { parse } from 'valibot'
import { converge } from '../agent/converge.ts'
import { order } from '../lib/catalog.ts'
import type { AnyState } from '../lib/state.ts'
import { file } from '../states/file.ts'
import { fakeHost, fakeJournal, resource } from '../test/helpers/fake-host.ts'

/**
 * How long it takes to order and plan a graph of 10,000 resources, each of which needs one or two others, without
 * the readings: the host is in memory.
 */
const COUNT = 10_000
const RUNS = 7

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

for (const settled of [true, false]) {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) times.push(await measure(settled))
  const [first = 0, ...more] = times
  const median = more.sort((a, b) => a - b)[Math.floor(more.length / 2)] ?? 0
  const what = settled ? 'all in order' : 'all differing, with their diffs'
  process.stdout.write(
    `${COUNT} resources, ${what}: first ${first.toFixed(0)} ms, then ${median.toFixed(0)} ms\n`,
  )
}

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

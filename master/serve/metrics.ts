import { LONGER, type Repairs, WITHIN_MS } from '../store/repairs.ts'
import type { Head } from '../store/report.ts'
import type { Serving } from './serving.ts'

/** What is counted since the master has started. */
export interface Counters {
  /** A report was recorded. */
  reported(head: Head): void
  /** A host was compiled, or found to be as it was, in so many milliseconds. */
  compiled(ms: number): void
  /** As Prometheus reads it. */
  lines(): string[]
}

type Labels = Readonly<Record<string, string>>
/** How many there were up to each bound and beyond the one before, all of them, and seconds of all together. */
type Histogram = { readonly upTo: Map<number, number>; count: number; seconds: number }

const COMPILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

export function openCounters(): Counters {
  const runs = new Map<string, { labels: Labels; count: number }>()
  const compile: Histogram = { upTo: new Map(), count: 0, seconds: 0 }
  let reports = 0
  const count = (labels: Labels, by: number) => {
    const key = Object.values(labels).join(' ')
    const known = runs.get(key) ?? { labels, count: 0 }
    known.count += by
    runs.set(key, known)
  }
  return {
    reported(head) {
      const { kind, trigger } = head
      reports += 1
      count({ kind, trigger, result: resultOf(head) }, 1)
      // They were made before, and nothing came of them.
      if (head.unchanged_runs > 0) count({ kind, trigger, result: 'settled' }, head.unchanged_runs)
    },
    compiled(ms) {
      const bound = COMPILE_SECONDS.find((most) => ms / 1000 <= most) ?? Number.POSITIVE_INFINITY
      compile.upTo.set(bound, (compile.upTo.get(bound) ?? 0) + 1)
      compile.count += 1
      compile.seconds += ms / 1000
    },
    lines: () => [
      ...metric('drover_reports_total', 'counter', 'Reports of agents that were recorded.', [[{}, reports]]),
      ...metric(
        'drover_runs_total',
        'counter',
        'Runs of agents by what came of them.',
        [...runs.values()].map(({ labels, count }) => [labels, count]),
      ),
      ...head('drover_compile_seconds', 'histogram', 'Time that one host took to compile.'),
      ...histogram('drover_compile_seconds', {}, COMPILE_SECONDS, compile),
    ],
  }
}

function resultOf({ problem, counts }: Head): string {
  if (problem !== null) return 'problem'
  return (['failed', 'changed', 'planned'] as const).find((word) => counts[word] > 0) ?? 'settled'
}

/** All that Prometheus is told, in its text format. */
export async function metricsText({ store, fleet, counters, version }: Serving): Promise<string> {
  const [hosts, refused, drifted, repairs] = await Promise.all([
    store.hosts.names(),
    store.hosts.refused(),
    store.drift.counts(),
    store.repairs.ever(),
  ])
  const { databaseBytes, logBytes } = store.size()
  const sum = drifted.reduce((all, one) => all + one.drifted, 0)
  const lines = [
    ...metric('drover_build_info', 'gauge', 'The version of the master.', [[{ version }, 1]]),
    ...metric('drover_hosts', 'gauge', 'Hosts that have joined and may call.', [
      [{}, hosts.length - refused.length],
    ]),
    ...metric('drover_hosts_connected', 'gauge', 'Hosts whose agent is connected.', [[{}, fleet.size]]),
    ...metric('drover_drifted_resources', 'gauge', 'Resources that differ now.', [[{}, sum]]),
    ...metric('drover_store_bytes', 'gauge', 'What the store has on disk.', [
      [{ file: 'database' }, databaseBytes],
      [{ file: 'log' }, logBytes],
    ]),
    ...counters.lines(),
    ...head('drover_repair_seconds', 'histogram', 'From when drift was heard of until it was put right.'),
    ...[...new Set(repairs.map(({ type }) => type))].flatMap((type) =>
      histogram('drover_repair_seconds', { type }, WITHIN_SECONDS, ofType(type, repairs)),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const WITHIN_SECONDS = WITHIN_MS.map((ms) => ms / 1000)

function ofType(type: string, rows: readonly Repairs[]): Histogram {
  const own = rows.filter((row) => row.type === type)
  return {
    upTo: new Map(
      own.map((row) => [row.within_ms === LONGER ? Infinity : row.within_ms / 1000, row.repairs]),
    ),
    count: own.reduce((sum, { repairs }) => sum + repairs, 0),
    seconds: own.reduce((sum, { ms }) => sum + ms, 0) / 1000,
  }
}

const head = (name: string, type: string, help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
]

const metric = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [Labels, number])[],
) => [...head(name, type, help), ...samples.map(([labels, value]) => sample(name, labels, value))]

function histogram(
  name: string,
  labels: Labels,
  bounds: readonly number[],
  { upTo, count, seconds }: Histogram,
): string[] {
  let below = 0
  const buckets = bounds.map((le) => {
    below += upTo.get(le) ?? 0
    return sample(`${name}_bucket`, { ...labels, le: String(le) }, below)
  })
  return [
    ...buckets,
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    sample(`${name}_sum`, labels, seconds),
    sample(`${name}_count`, labels, count),
  ]
}

function sample(name: string, labels: Labels, value: number): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

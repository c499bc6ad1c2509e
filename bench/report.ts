import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'

/** What every bench says of its figures, and where they are kept. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [a = 0, b = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return (a + b) / 2
}

/** The middle of several runs, with the ends that tell how quiet the machine was. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
})

/** `34 ms`, `0.41 s`, `142 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${ms.toFixed(0)} ms`
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 0)} s`
}

/** Columns that line up; the first to the left, all others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   ')
      .trimEnd(),
  )
}

export type Machine = {
  readonly cores: number
  readonly processor: string
  readonly memoryGb: number
  readonly kernel: string
  readonly debian: string
  readonly node: string
  readonly load: readonly number[]
}

export function machine(): Machine {
  const [cpu] = os.cpus()
  return {
    cores: os.availableParallelism(),
    processor: cpu?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    debian: existsSync('/etc/debian_version') ? readFileSync('/etc/debian_version', 'utf8').trim() : 'none',
    node: process.versions.node,
    load: os.loadavg().map((load) => Math.round(load * 100) / 100),
  }
}

export const describeMachine = ({ cores, processor, memoryGb, kernel, debian, node, load }: Machine) =>
  `${cores} cores (${processor}), ${memoryGb} GB, Linux ${kernel}, Debian ${debian}, Node ${node}; load before: ${load.join(' ')}`

/** How long this machine takes to start Node with nothing to do: what no program in it can go below. */
export function bareNode(runs = 9): Spread {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now()
    // Nothing of our environment: to read an authority's certificates takes longer than all else.
    spawnSync(process.execPath, ['-e', '0'], { env: {} })
    return performance.now() - started
  })
  return spread(times)
}

/**
 * Prints what a bench found. `BENCH_RESULTS` names two files, without their endings, to which it is added: `.txt` as
 * people read it, `.json` with all figures under the name of the bench.
 */
export function report(name: string, lines: readonly string[], figures: unknown): void {
  const text = `${[`# ${name}`, ...lines].join('\n')}\n\n`
  process.stdout.write(text)
  const base = process.env.BENCH_RESULTS
  if (base === undefined) return
  appendFileSync(`${base}.txt`, text)
  const path = `${base}.json`
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  writeFileSync(path, `${JSON.stringify({ ...before, [name]: figures }, null, 2)}\n`)
}

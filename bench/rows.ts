import type { Measured } from './measure.ts'
import { duration, type Spread, spread, table } from './report.ts'
import type { Warm } from './warm.ts'

/** One line of a table that sets tools side by side. */
export type Row = {
  readonly what: string
  readonly note: string
  readonly runs: number
  readonly wallMs: Spread
  readonly cpuMs: number
  readonly memoryMb: number
}

export function row(what: string, note: string, runs: readonly Measured[]): Row {
  return {
    what,
    note,
    runs: runs.length,
    wallMs: spread(runs.map(({ ms }) => ms)),
    cpuMs: spread(runs.map(({ cpuMs }) => cpuMs)).median,
    memoryMb: Math.max(...runs.map(({ memoryMb }) => memoryMb)),
  }
}

export function warmRow({ times, cpuMs, memoryMb, first }: Warm): Row {
  const note = `the first ${duration(first)}`
  return {
    what: 'drover, warm in one process',
    note,
    runs: times.length,
    wallMs: spread(times),
    cpuMs,
    memoryMb,
  }
}

/** The first row is what all others are set against. */
export function linesOf(title: string, rows: readonly Row[]): string[] {
  const to = rows[0]?.wallMs.median ?? 1
  const cells = rows.map(({ what, note, runs, wallMs, cpuMs, memoryMb }) => [
    what + (note === '' ? '' : ` (${note})`),
    duration(wallMs.median),
    runs === 1 ? '' : `${duration(wallMs.min)} to ${duration(wallMs.max)}`,
    duration(cpuMs),
    `${memoryMb.toFixed(0)} MB`,
    `× ${Number((wallMs.median / to).toPrecision(2))}`,
    String(runs),
  ])
  return table([[title, 'median', 'from, to', 'CPU', 'memory', 'to drover', 'runs'], ...cells])
}

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One run of a command: its own time, without that of whoever started it. */
export type Measured = {
  readonly code: number | null
  readonly ms: number
  /** Of the command and all that it waited for. */
  readonly cpuMs: number
  /** The largest of its processes. */
  readonly memoryMb: number
  readonly said: string
}

const MAX_BYTES = 64 * 1024 * 1024

/** Runs on the host: `node measure.js TIMEOUT_MS PROGRAM ARGUMENT…`; says a `Measured` as JSON. */
function measure(timeoutMs: number, argv: readonly string[]): Measured {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'))
  const report = join(dir, 'time')
  try {
    const started = performance.now()
    const { status, stdout, stderr } = spawnSync(
      '/usr/bin/time',
      ['--quiet', '--format=%U %S %M', `--output=${report}`, '--', ...argv],
      { encoding: 'utf8', timeout: timeoutMs, maxBuffer: MAX_BYTES, cwd: '/' },
    )
    const ms = performance.now() - started
    const [user = 0, system = 0, kb = 0] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
    return { code: status, ms, cpuMs: (user + system) * 1000, memoryMb: kb / 1024, said: stdout + stderr }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const [, , timeoutMs, ...argv] = process.argv
process.stdout.write(JSON.stringify(measure(Number(timeoutMs), argv)))

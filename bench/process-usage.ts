import { readFileSync } from 'node:fs'

/** What a process has taken so far, by the kernel. */
export type Usage = {
  readonly cpuMs: number
  /** Of programs that it has started and that have ended. */
  readonly childrenMs: number
  readonly rssMb: number
}

// Of every Linux that Debian has: what sysconf(_SC_CLK_TCK) says.
const TICK_MS = 10

export const usageOf = (pid: number): Usage =>
  readUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'))

/** From a process's `stat` and `status`. */
export function readUsage(stat: string, status: string): Usage {
  // The name in parentheses may hold anything; times are fields 14 to 17.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15)
  return {
    cpuMs: (user + system) * TICK_MS,
    childrenMs: (childrenUser + childrenSystem) * TICK_MS,
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  }
}

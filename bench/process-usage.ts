import { readFileSync } from 'node:fs'

/** What a process has taken so far, by the kernel. */
export type Usage = { readonly cpuMs: number; readonly rssMb: number }

// Of every Linux that Debian has: what sysconf(_SC_CLK_TCK) says.
const TICK_MS = 10

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold anything; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return { cpuMs, rssMb: Number(rss?.[1] ?? 0) / 1024 }
}

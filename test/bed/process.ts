import { readFileSync } from 'node:fs'

/** A process that can't be mistaken for a later one with the same number. */
export interface ProcessId {
  pid: number
  /** In clock ticks since the machine started. */
  start: number
  /** The machine's boot that the ticks count from. */
  boot: string
}

export function processId(pid: number): ProcessId | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program is in brackets and may hold anything, brackets too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return null
    return { pid, start: Number(fields[19]), boot: bootId() }
  } catch {
    return null
  }
}

export function isAlive(id: ProcessId): boolean {
  const now = processId(id.pid)
  return now !== null && now.start === id.start && now.boot === id.boot
}

/** The children of a process, by number. */
export function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return children.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

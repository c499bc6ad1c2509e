import { closeSync, openSync, readSync } from 'node:fs'
import { POLL_EVERY_MS, POLL_REST } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Places } from './places.ts'

/** Looks at files again and again that nothing is heard of, such as those of /proc/sys. */
export interface Polls {
  close(): void
}

/**
 * Names the resources of files that read otherwise than the time before; what they are now is for a run to find.
 *
 * @param cpuMs what this process has taken of a core so far
 */
export function openPolls(
  { polled }: Pick<Places, 'polled'>,
  heard: (ids: Iterable<ResourceId>) => void,
  cpuMs: () => number = ownCpuMs,
): Polls {
  const files = [...polled].map(([path, ids]) => ({ ids, file: openPolled(path) }))
  let timer: NodeJS.Timeout | null = null
  let beforeMs = 0
  const look = () => {
    const from = cpuMs()
    const changed = new Set<ResourceId>()
    for (const { ids, file } of files) if (file.isChanged()) for (const id of ids) changed.add(id)
    if (changed.size > 0) heard(changed)
    // Not by the clock: a host that is busy with other things is looked at as often.
    wait(cpuMs() - from)
  }
  /** The longer a look takes, the rarer it is; one during which memory was tidied, or another thread worked, is none. */
  const wait = (tookMs: number) => {
    timer = setTimeout(look, Math.max(POLL_EVERY_MS, Math.min(tookMs, beforeMs) * POLL_REST))
    beforeMs = tookMs
  }
  if (files.length > 0) wait(0)
  return {
    close() {
      if (timer !== null) clearTimeout(timer)
      for (const { file } of files) file.close()
    },
  }
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

// The kernel answers settings with less than a page; what is behind it is for the sweep.
const page = Buffer.alloc(4096)

/** One file, kept open while it is there: the kernel says anew what it is at each reading. */
function openPolled(path: string) {
  let fd: number | null = null
  const close = () => {
    if (fd !== null) closeSync(fd)
    fd = null
  }
  /** `null`: it is not there, or can't be read. */
  const read = (): string | null => {
    try {
      fd ??= openSync(path, 'r')
      return page.toString('latin1', 0, readSync(fd, page, 0, page.length, 0))
    } catch {
      close()
      return null
    }
  }
  let last = read()
  return {
    close,
    isChanged() {
      const now = read()
      const isSame = now === last
      last = now
      return !isSame
    },
  }
}

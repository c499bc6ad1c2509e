import { closeSync, openSync, readSync } from 'node:fs'
import { POLL_EVERY_MS, POLL_REST } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Places } from './places.ts'

/** Looks at files again and again that nothing is heard of, such as those of /proc/sys. */
export interface Polls {
  close(): void
}

/** Names the resources of files that read otherwise than the time before; what they are now is for a run to find. */
export function openPolls({ polled }: Places, heard: (ids: Iterable<ResourceId>) => void): Polls {
  const last = new Map([...polled.keys()].map((path) => [path, textOf(path)]))
  let timer: NodeJS.Timeout | null = null
  const look = () => {
    const from = performance.now()
    const changed = new Set<ResourceId>()
    for (const [path, ids] of polled) {
      const text = textOf(path)
      if (text === last.get(path)) continue
      last.set(path, text)
      for (const id of ids) changed.add(id)
    }
    if (changed.size > 0) heard(changed)
    wait(performance.now() - from)
  }
  /** The longer a look takes, the rarer it is. */
  const wait = (tookMs: number) => {
    timer = setTimeout(look, Math.max(POLL_EVERY_MS, tookMs * POLL_REST))
  }
  if (polled.size > 0) wait(0)
  return {
    close() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

// The kernel answers settings with less than a page; what is behind it is for the sweep.
const page = Buffer.alloc(4096)

/** Its first page. `null`: it is not there, or can't be read. */
function textOf(path: string): string | null {
  let file: number | null = null
  try {
    file = openSync(path, 'r')
    return page.toString('latin1', 0, readSync(file, page, 0, page.length, 0))
  } catch {
    return null
  } finally {
    if (file !== null) closeSync(file)
  }
}

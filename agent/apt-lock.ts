import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { Failure } from '../lib/failure.ts'

/** What apt and dpkg lock while they work, each by fcntl: nobody but the kernel knows who has them. */
const LOCKS = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/lib/apt/lists/lock',
  '/var/cache/apt/archives/lock',
]
const LOOK_EVERY_MS = 200

export type Holder = { readonly lock: string; readonly who: string }

/** Waits until nobody has a lock of apt or dpkg, and says whether it had to. The holder is never disturbed, and no lock is ever removed. */
export async function waitForLocks(
  timeoutMs: number,
  waiting: (what: string) => void,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const started = performance.now()
  let told = ''
  for (let holder = holderOfLocks(); holder !== null; holder = holderOfLocks()) {
    const waitedMs = Math.round(performance.now() - started)
    if (waitedMs >= timeoutMs)
      throw new Failure('timeout', `${holder.lock} is held by ${holder.who}, still after ${waitedMs} ms`, {
        about: holder.lock,
        hint: 'see what it waits for; nothing was changed, and the next run tries again',
      })
    if (holder.who !== told) waiting(`waiting for the dpkg lock, held by ${holder.who}`)
    told = holder.who
    await after(Math.min(LOOK_EVERY_MS, timeoutMs - waitedMs), undefined, signal && { signal })
  }
  return told !== ''
}

/** Who has one of the locks now. */
export function holderOfLocks(): Holder | null {
  const locks = readFileSync('/proc/locks', 'utf8')
  for (const lock of LOCKS) {
    const file = statSync(lock, { throwIfNoEntry: false })
    for (const pid of file === undefined ? [] : pidsOf(locks, file.ino)) {
      const who = nameOf(pid, file as Stats)
      if (who !== null) return { lock, who }
    }
  }
  return null
}

// `1: POSIX  ADVISORY  WRITE 123 08:01:4567 0 EOF`; one that waits for another has `->` in its second place.
function pidsOf(locks: string, inode: number): number[] {
  const lines = locks.matchAll(/^\d+: (?:POSIX|OFDLCK) +\S+ +WRITE +(-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm)
  return [...lines].filter(([, , at]) => Number(at) === inode).map(([, pid]) => Number(pid))
}

/**
 * Inodes have the same number on two file systems, and in a copy of this host the file has the same path: whoever has
 * the file itself open is the one.
 */
function nameOf(pid: number, lock: Stats): string | null {
  // Processes outside of this container are numbered 0, and what belongs to no single one -1.
  if (pid <= 0) return 'a process that this host cannot see'
  try {
    const open = readdirSync(`/proc/${pid}/fd`).some((fd) => isSame(lock, `/proc/${pid}/fd/${fd}`))
    return open ? `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})` : null
  } catch {
    // It ended while it was looked at, and its lock with it.
    return null
  }
}

function isSame({ dev, ino }: Stats, path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false })
  return file?.dev === dev && file.ino === ino
}

import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'

/**
 * A kernel lock that ends with the process, however that ends; `null`: another process has it. Node can't lock a
 * file, so `flock` does it on a descriptor that both share: the lock belongs to the open file and stays when `flock`
 * exits.
 */
export function lockFile(path: string): number | null {
  // One that is there can be locked on a disk that has become read-only as well.
  const fd = openSync(path, existsSync(path) ? 'r' : 'a', 0o600)
  try {
    execFileSync('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] })
    return fd
  } catch (error) {
    closeSync(fd)
    // So it ends where another has the lock; with anything else nobody knows who has it.
    if ((error as { status?: number | null }).status === 1) return null
    throw error
  }
}

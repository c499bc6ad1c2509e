import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'

/** File systems of other machines, where a lock or a write may not be what it says; by their magic number. */
const REMOTE: Readonly<Record<number, string>> = {
  26985: 'NFS',
  16914839: '9p',
  20859: 'SMB',
  4266872130: 'SMB',
  4283649346: 'CIFS',
  1397113167: 'AFS',
  12805120: 'Ceph',
}

export type StateDir = { readonly scratch: string; close(): void }

/**
 * Takes the state directory for this process alone. The lock is the kernel's: it ends with the process, however that
 * ends.
 */
export function openStateDir(dir: string): StateDir {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { mode } = statSync(dir)
  if ((mode & 0o077) !== 0) {
    const hint = `close it: chmod 700 ${dir}`
    throw new Failure('denied', 'the state is open to other users', { about: dir, hint })
  }
  const remote = REMOTE[statfsSync(dir).type]
  if (remote !== undefined) {
    const hint = 'a database needs a disk of this machine'
    throw new Failure('invalid', `the state can't be kept on ${remote}`, { about: dir, hint })
  }
  const lock = lockFile(join(dir, 'lock'))
  if (lock === null) {
    const hint = 'one state has one master; is drover-master.service running?'
    throw new Failure('unavailable', 'another master uses this state', { about: dir, hint })
  }
  const scratch = join(dir, 'scratch')
  // What a master that was killed has left there.
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { mode: 0o700 })
  return { scratch, close: () => closeSync(lock) }
}

/** Node can't lock a file: `flock` does it on a descriptor that both share, and the lock stays when it exits. */
function lockFile(path: string): number | null {
  const fd = openSync(path, 'a', 0o600)
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

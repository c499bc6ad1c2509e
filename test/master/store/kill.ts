import { spawnSync } from 'node:child_process'

/** Before what has been written is on disk, and amid the writing. */
export const SYNC = 'fsync,fdatasync'
export const WRITE = 'pwrite64'

/** Runs a program that is killed when it makes one of these calls for the nth time; what it had said until then. */
export function killedAt(
  calls: string,
  n: number,
  [program, ...args]: readonly [URL, ...string[]],
): { said: string[]; killed: boolean } {
  // A thread counts for itself, and only the one that writes the database makes these calls.
  const inject = `inject=${calls}:signal=SIGKILL:when=${n}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', inject]
  const env = { ...process.env, NODE_OPTIONS: '' }
  const node = [process.execPath, program.pathname, ...args]
  const { status, signal, stdout, error } = spawnSync('strace', [...strace, ...node], {
    encoding: 'utf8',
    env,
    timeout: 60_000,
  })
  if (error !== undefined)
    throw new Error(`strace can't be started: apt-get install strace`, { cause: error })
  return {
    said: stdout.split('\n').filter((line) => line !== ''),
    killed: signal === 'SIGKILL' || status === 137,
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Does some work while no other process holds the same lock.
 *
 * Node has no flock(2), so `cat` holds it for us. When this process dies in whatever way, its
 * end of the pipe closes, `cat` ends and the lock is free.
 */
export async function locked<T>(path: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const holder = spawn('flock', ['--no-fork', '--wait', String(waitSeconds), path, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const ended = once(holder, 'exit')
  holder.stdin.on('error', () => undefined)
  holder.stdin.write('held\n')
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!held) throw new Error(`${path} was locked by another process for ${waitSeconds} seconds`)
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { MIN_FREE_BYTES, RESERVE_BYTES } from '../lib/limits.ts'
import { tried } from './records.ts'

/** Room on the disk of the state, for the day on which there is no other: runs are made and told of all the same. */

const fileIn = (stateDir: string) => join(stateDir, 'reserve')

function freeBytes(stateDir: string): number {
  const { bfree, bsize } = statfsSync(stateDir)
  return bfree * bsize
}

/** Before a run: gives the room up where the disk is full. */
export function giveUpReserve(stateDir: string): void {
  if (freeBytes(stateDir) < MIN_FREE_BYTES) tried(() => rmSync(fileIn(stateDir), { force: true }))
}

/** After a run: takes it where it would be no more than half of what is free. */
export function keepReserve(stateDir: string): void {
  const path = fileIn(stateDir)
  if (existsSync(path) || freeBytes(stateDir) < 2 * RESERVE_BYTES) return
  try {
    execFileSync('fallocate', ['--length', String(RESERVE_BYTES), '--', path], { stdio: 'ignore' })
  } catch {
    // Not every file system can do it, and a host without a reserve is as good until it is full.
    tried(() => rmSync(path, { force: true }))
  }
}

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { sha256 } from '../lib/sha256.ts'

/** What the agent writes down for itself: each record is whole and as it was written, or known to be neither. */

/** `damaged`: something is there, and it is not what was written. */
export type Record = { readonly bytes: Buffer } | 'absent' | 'damaged'

const HEAD_BYTES = 65

/** On disk when it returns; a kill leaves the old record or the new one. */
export function writeRecord(path: string, bytes: Buffer | string): void {
  const body = Buffer.from(bytes as string)
  writeWhole(path, [Buffer.from(`${sha256(body)}\n`), body])
}

export function readRecord(path: string): Record {
  const file = bytesOf(path)
  if (file === null) return 'absent'
  const body = file.subarray(HEAD_BYTES)
  return file.subarray(0, HEAD_BYTES).toString('latin1') === `${sha256(body)}\n` ? { bytes: body } : 'damaged'
}

/** `null`: there is no such file. */
export function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A small record of JSON; `null` where there is none that can be trusted. */
export function readJson<T>(path: string): T | null {
  const record = readRecord(path)
  return typeof record === 'string' ? null : (JSON.parse(record.bytes.toString('utf8')) as T)
}

export const writeJson = (path: string, value: unknown) => writeRecord(path, JSON.stringify(value))

/** Whole or not at all. */
export function writeWhole(path: string, parts: readonly Buffer[]): void {
  const fresh = `${path}.new`
  const fd = openSync(fresh, 'w', 0o600)
  try {
    for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(fd, part, at)
    // What one sync refused is in no later one: it is written anew, all of it.
    fsyncSync(fd)
    renameSync(fresh, path)
  } catch (error) {
    // A disk that is full has no room for half of it.
    tried(() => rmSync(fresh, { force: true }))
    throw error
  } finally {
    closeSync(fd)
  }
  syncFolder(dirname(path))
}

const OF_THE_DISK: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']

/** The disk is full, read-only or broken. */
export const isOfDisk = (error: unknown) => OF_THE_DISK.includes((error as NodeJS.ErrnoException).code)

/** Does what can be done without for a while; `false`: the disk did not let it. */
export function tried(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (!isOfDisk(error)) throw error
    return false
  }
}

/** What was renamed into a folder or removed from it stays so when the power fails. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const sum = (text: string) => sha256(text).slice(0, 16)

/** A value as one line of a file that grows, without the line's end. */
export function lineOf(value: unknown): string {
  const text = JSON.stringify(value)
  return `${sum(text)} ${text}`
}

/** `null`: the line is not what was written, as the last one is not after a power cut. */
export function readLine<T>(line: string): T | null {
  const text = line.slice(17)
  return line.slice(0, 16) === sum(text) ? (JSON.parse(text) as T) : null
}

import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../lib/sha256.ts'

/** The paths of a tree below its root, as the host sees them, with what they are. */
export function* walk(root: string, leaveOut: ReadonlySet<string> = new Set()): Generator<[string, Stats]> {
  const pending = ['/']
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop())
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
      const path = join(dir, entry.name)
      if (leaveOut.has(path)) continue
      const stats = lstatSync(join(root, path), { throwIfNoEntry: false })
      if (stats === undefined) continue
      yield [path, stats]
      if (stats.isDirectory()) pending.push(path)
    }
}

export function hashFile(path: string): string {
  return sha256(readFileSync(path))
}

/** The sha256 of each regular file of a tree. */
export function hashTree(root: string): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const [path, stats] of walk(root)) if (stats.isFile()) hashes[path] = hashFile(join(root, path))
  return hashes
}

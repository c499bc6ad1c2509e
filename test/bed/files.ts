import { readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { directoryOf, type HostRecord, rootOf } from './record.ts'
import { hashFile, walk } from './tree.ts'

/** What is not on disk, and what systemd writes for itself. */
const VOLATILE = [
  ...['/proc', '/sys', '/dev', '/run', '/tmp', '/var/tmp', '/var/log/journal', '/var/lib/systemd/timers'],
  '/var/lib/systemd/random-seed',
]

/**
 * Every path of a host's file system with what it is.
 *
 * Only what is in the host's own layer is hashed; what it has from the base is known.
 */
export function filesOf(record: HostRecord, except: readonly string[]): Record<string, string> {
  const leaveOut = new Set([...VOLATILE, ...except])
  const own = new Set([...walk(join(directoryOf(record.id), 'upper'), leaveOut)].map(([path]) => path))
  const known: Record<string, string> = JSON.parse(readFileSync(record.baseHashes, 'utf8'))
  const root = rootOf(record.id)
  const found: Record<string, string> = {}
  for (const [path, stats] of walk(root, leaveOut)) {
    const hash = () => (own.has(path) ? undefined : known[path]) ?? hashFile(join(root, path))
    found[path] = describe(join(root, path), stats, hash)
  }
  return found
}

function describe(path: string, stats: Stats, hash: () => string): string {
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
  const common = `${mode} ${stats.uid}:${stats.gid} ${stats.mtime.toISOString()}`
  if (stats.isFile()) return `file ${common} ${stats.size} bytes ${hash()}`
  if (stats.isDirectory()) return `directory ${common}`
  if (stats.isSymbolicLink()) return `link ${common} to ${readlinkSync(path)}`
  return `special ${(stats.mode & 0o170000).toString(8)} ${common} ${stats.rdev}`
}

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageReading } from '../lib/host.ts'

const STATUS = '/var/lib/dpkg/status'
/** What dpkg has done since it wrote the status file; it stays here when dpkg is killed. */
export const UPDATES = '/var/lib/dpkg/updates'

/** By `name` and by `name:arch`. Parsed again only when what dpkg has written is something else than before. */
export function dpkgReader(): () => ReadonlyMap<string, PackageReading> {
  let seen = ''
  let packages: ReadonlyMap<string, PackageReading> = new Map()
  return () => {
    const stat = statSync(STATUS, { throwIfNoEntry: false })
    const updates = stat ? pendingUpdates() : []
    const now = stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}:${updates.join()}` : ''
    if (now !== seen) packages = stat ? read(updates) : new Map()
    seen = now
    return packages
  }
}

/** The names of dpkg's own journal, oldest first. None unless dpkg runs or was interrupted. */
export function pendingUpdates(): string[] {
  return readdirSync(UPDATES)
    .filter((name) => /^\d+$/.test(name))
    .sort()
}

function read(updates: readonly string[]): ReadonlyMap<string, PackageReading> {
  const texts = [STATUS, ...updates.map((name) => join(UPDATES, name))].map(readOr)
  return parseStatus(texts.join('\n\n'))
}

/** A dpkg that runs meanwhile takes its journal away as soon as the status file is written. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1').trimEnd()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/**
 * Reads dpkg's status file. Only four fields matter, so paragraphs are not taken apart: this is twice as fast
 * as splitting every line, and the file has some hundred thousand bytes on a small host. Of two paragraphs for the
 * same package the later one holds.
 */
export function parseStatus(text: string): Map<string, PackageReading> {
  const packages = new Map<string, PackageReading>()
  const names = new Set<string>()
  let start = 0
  while (start < text.length) {
    let end = text.indexOf('\n\n', start)
    if (end === -1) end = text.length
    const paragraph = text.slice(start, end)
    start = end + 2
    const name = field(paragraph, 'Package')
    if (name === null) continue
    const [want, , status = ''] = (field(paragraph, 'Status') ?? '').split(' ')
    const architecture = field(paragraph, 'Architecture') ?? ''
    if (status === 'not-installed') {
      packages.delete(`${name}:${architecture}`)
      continue
    }
    names.add(name)
    packages.set(`${name}:${architecture}`, {
      architecture,
      version: status === 'config-files' ? null : field(paragraph, 'Version'),
      held: want === 'hold',
      status,
    })
  }
  return withPlainNames(packages, names)
}

/** A name without an architecture is the package of the host's own, as apt takes it; `all` belongs to every one. */
function withPlainNames(
  packages: Map<string, PackageReading>,
  names: ReadonlySet<string>,
): Map<string, PackageReading> {
  const native = ownArchitecture(packages)
  for (const name of names) {
    const all = packages.get(`${name}:all`)
    const reading = packages.get(`${name}:${native}`) ?? all
    if (reading === undefined) continue
    packages.set(name, reading)
    if (all !== undefined) packages.set(`${name}:${native}`, reading)
  }
  return packages
}

/** dpkg itself is always of the host's own architecture. */
function ownArchitecture(packages: ReadonlyMap<string, PackageReading>): string {
  for (const key of packages.keys()) if (key.startsWith('dpkg:')) return key.slice('dpkg:'.length)
  return ''
}

function field(paragraph: string, name: string): string | null {
  const mark = `${name}: `
  const at = paragraph.startsWith(mark) ? 0 : paragraph.indexOf(`\n${mark}`) + 1
  if (at === 0 && !paragraph.startsWith(mark)) return null
  const from = at + mark.length
  const to = paragraph.indexOf('\n', from)
  return paragraph.slice(from, to === -1 ? undefined : to)
}

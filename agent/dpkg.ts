import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageReading } from '../lib/host.ts'
import { EXTENDED_STATES } from '../lib/packages.ts'
import { holderOfLocks } from './apt-lock.ts'

const STATUS = '/var/lib/dpkg/status'
/** What dpkg has done since it wrote the status file; it stays here when dpkg is killed. */
export const UPDATES = '/var/lib/dpkg/updates'

/**
 * By `name` and by `name:arch`. Parsed again only when what dpkg and apt have written is something else than before.
 * `root` and `isBusy`, whether a dpkg is at work, let a test show another host.
 */
export function dpkgReader(
  root = '',
  isBusy = () => holderOfLocks() !== null,
): () => ReadonlyMap<string, PackageReading> {
  let seen: string | null = null
  let packages: ReadonlyMap<string, PackageReading> = new Map()
  return () => {
    const status = versionOf(root + STATUS)
    const updates = status === '' ? [] : pendingUpdates(root)
    const interrupted = updates.length > 0 && !isBusy()
    const now = status && [status, versionOf(root + EXTENDED_STATES), ...updates, interrupted].join()
    if (now !== seen) packages = now === '' ? new Map() : read(root, updates, interrupted)
    seen = now
    return packages
  }
}

function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}` : ''
}

/** The names of dpkg's own journal, oldest first. None unless dpkg runs or was interrupted. */
export function pendingUpdates(root = ''): string[] {
  return readdirSync(root + UPDATES)
    .filter((name) => /^\d+$/.test(name))
    .sort()
}

function read(
  root: string,
  updates: readonly string[],
  interrupted: boolean,
): ReadonlyMap<string, PackageReading> {
  const journal = updates.map((name) => readOr(root + join(UPDATES, name))).join('\n\n')
  const told = interrupted ? journal.replace(ENDED, '$1 half-configured') : journal
  return parseStatus(`${readOr(root + STATUS)}\n\n${told}`, readOr(root + EXTENDED_STATES))
}

// To its end it came only in the journal, which no dpkg is there to close: until one is, apt refuses all work.
const ENDED = /^(Status: \S+ \S+) (?:installed|triggers-\S+|not-installed|config-files)$/gm

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
 * same package the later one holds. `notes` are apt's.
 */
export function parseStatus(text: string, notes = ''): Map<string, PackageReading> {
  const automatic = automaticOf(notes)
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
    const [want, flag, reached = ''] = (field(paragraph, 'Status') ?? '').split(' ')
    // Whatever it has come to since, no other thing than unpacking it anew mends it.
    const status = flag === 'reinstreq' ? 'half-installed' : reached
    const architecture = field(paragraph, 'Architecture') ?? ''
    if (reached === 'not-installed') {
      packages.delete(`${name}:${architecture}`)
      continue
    }
    names.add(name)
    packages.set(`${name}:${architecture}`, {
      architecture,
      version: status === 'config-files' ? null : field(paragraph, 'Version'),
      held: want === 'hold',
      automatic: automatic.has(`${name}:${architecture}`),
      status,
    })
  }
  return withPlainNames(packages, names, automatic)
}

/** A name without an architecture is the package of the host's own, as apt takes it; `all` belongs to every one. */
function withPlainNames(
  packages: Map<string, PackageReading>,
  names: ReadonlySet<string>,
  automatic: ReadonlySet<string>,
): Map<string, PackageReading> {
  const native = ownArchitecture(packages)
  for (const name of names) {
    const all = packages.get(`${name}:all`)
    // apt notes a package for every architecture under the host's own.
    if (all !== undefined) {
      packages.set(`${name}:all`, { ...all, automatic: automatic.has(`${name}:${native}`) })
    }
    const reading = packages.get(`${name}:${native}`) ?? packages.get(`${name}:all`)
    if (reading === undefined) continue
    packages.set(name, reading)
    if (all !== undefined) packages.set(`${name}:${native}`, reading)
  }
  return packages
}

const automaticOf = (notes: string): ReadonlySet<string> =>
  new Set(
    [...notes.matchAll(/^Package: (\S+)\nArchitecture: (\S+)\nAuto-Installed: 1$/gm)].map(
      ([, name, architecture]) => `${name}:${architecture}`,
    ),
  )

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

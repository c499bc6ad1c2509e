import { posix } from 'node:path'
import type { Content } from '../lib/catalog.ts'
import type { Host, Key, Stat } from '../lib/host.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Step } from '../lib/step.ts'
import { type RealDirectories, realDirectories } from './real-directory.ts'

/** What a step makes uncertain for whatever is read after it in the same check. */
export type Assumed = readonly Key[]

/** A host on which planned steps seem done: what comes later in a check sees the files as they will be. */
export interface Overlay extends Host {
  /** Absorbs a step. What it may change beyond that is returned: nobody can know it before it is performed. */
  assume(step: Step): Promise<Assumed>
  /** Where directories are once the steps are done. */
  readonly directories: RealDirectories
}

/** A step whose whole effect on files is known. */
type FileStep = Exclude<Step, { do: 'run' | 'apt' | 'stamp' }>

/** One after which something is there. */
type MakingStep = Exclude<FileStep, { do: 'remove' | 'quarantine' }>

/** What a file holds. Without a `sha256` it is that of the text, made when somebody asks. */
type Held = { readonly text: string | null; readonly sha256: string | null }

/** `null`: absent, and so is all below it. */
type Entry = ({ readonly stat: Stat } & Held) | null

/**
 * Lays planned file steps over a host. Nothing is guessed: only steps whose whole effect is in the step itself are
 * absorbed; what a command or a package would do is returned as keys.
 */
export function overlay(base: Host, blobs: Content): Overlay {
  const entries = new Map<string, Entry>()
  /** Nothing of what the host has below these is there any more. */
  const replaced = new Set<string>()
  const stamps = new Set<string>()

  const isEmptied = (directory: string): boolean => {
    if (replaced.size === 0) return false
    for (let up = directory; up !== '/'; up = posix.dirname(up)) if (replaced.has(up)) return true
    return false
  }
  /** `undefined`: as on the host. */
  const find = (path: string): Entry | undefined => {
    if (entries.size === 0) return undefined
    if (entries.has(path)) return entries.get(path)
    return isEmptied(posix.dirname(path)) ? null : undefined
  }
  const stat = (path: string): Promise<Stat | null> => {
    const entry = find(path)
    return entry === undefined ? base.stat(path) : Promise.resolve(entry?.stat ?? null)
  }
  /** Links are followed, planned ones too: one file has many names, and a step one of them. */
  const directories = realDirectories(stat)
  /** `undefined`: nobody has looked yet whether a link is on the way. */
  const knownName = (path: string): string | undefined => {
    const directory = posix.dirname(path)
    const end = directories.known(directory)
    if (end === directory || path === '/') return path
    return end && posix.join(end, posix.basename(path))
  }
  const namedReally = async (path: string): Promise<string> =>
    knownName(path) ?? posix.join(await directories.find(posix.dirname(path)), posix.basename(path))
  /** Reads what a path names. Most are in directories that are known: nothing waits for those. */
  const really = <T>(path: string, read: (path: string) => Promise<T>): Promise<T> => {
    const known = entries.size === 0 ? path : knownName(path)
    return known === undefined ? namedReally(path).then(read) : read(known)
  }
  const put = (path: string, stat: Stat, { text, sha256 }: Held) => {
    entries.set(path, { stat, text, sha256 })
  }
  const contentOf = async (path: string, now: Stat | null): Promise<Held> => {
    const entry = find(path)
    if (entry !== undefined && entry !== null) return entry
    if (now?.kind !== 'file') return NO_CONTENT
    return { text: null, sha256: await base.sha256(path) }
  }

  const replace = (path: string, now: Stat | null, step: FileStep): void => {
    // Below a file or nothing there is nothing, and no link either.
    const hadMore = now !== null && now.kind !== 'file'
    if (hadMore) replaced.add(path)
    if (hadMore || step.do === 'link') directories.forget()
  }
  const absorb = async (step: FileStep): Promise<void> => {
    const path = await namedReally(step.path)
    const now = await stat(path)
    if (step.do !== 'chmod' && step.do !== 'chown') replace(path, now, step)
    else if (now?.kind !== 'file') directories.forget()
    if (step.do === 'remove' || step.do === 'quarantine') {
      entries.set(path, null)
      return
    }
    if (step.do === 'write' && step.backup !== null && now !== null) {
      put(await namedReally(step.backup), now, await contentOf(path, now))
      directories.forget()
    }
    put(path, statAfter(step, now), heldBy(step, blobs) ?? (await contentOf(path, now)))
  }
  return {
    ...base,
    directories,
    async assume(step) {
      if (step.do === 'stamp') stamps.add(step.hash)
      else if (step.do !== 'run' && step.do !== 'apt') await absorb(step)
      return uncertain(step)
    },
    stat: (named) => really(named, stat),
    sha256: (named) =>
      really(named, async (path) => {
        const entry = find(path)
        if (entry === undefined || entry === null) return base.sha256(path)
        return entry.sha256 ?? sha256(entry.text ?? '')
      }),
    text: (named) =>
      really(named, async (path) => {
        const entry = find(path)
        if (entry === null) return null
        // A file whose mode alone was changed still has the host's text.
        const asOnHost = entry === undefined || (entry.text === null && entry.stat.kind === 'file')
        return asOnHost ? base.text(path) : entry.text
      }),
    async list(named) {
      // What is in a directory is asked for behind its last link too, as the kernel does.
      const path = entries.size === 0 ? named : await directories.find(named)
      const entry = find(path)
      if (entry === null || (entry !== undefined && entry.stat.kind !== 'directory')) return null
      const there = isEmptied(path) ? [] : ((await base.list(path)) ?? (entry === undefined ? null : []))
      return there && names(path, there, entries)
    },
    stamp: async (hash) => stamps.has(hash) || base.stamp(hash),
  }
}

const FRESH: Stat = {
  kind: 'file',
  mode: '0644',
  owner: 'root',
  group: 'root',
  bytes: 0,
  links: 1,
  target: null,
}
const NO_CONTENT: Held = { text: null, sha256: '' }

function statAfter(step: MakingStep, now: Stat | null): Stat {
  switch (step.do) {
    case 'chmod':
      return { ...(now ?? FRESH), mode: step.mode }
    case 'chown':
      return ownedBy(step, now ?? FRESH)
    case 'mkdir':
      return ownedBy(step, { ...FRESH, kind: 'directory', mode: step.mode })
    case 'link':
      return { ...FRESH, kind: 'link', mode: '0777', target: step.target }
    case 'write': {
      const { mode, owner, group } = now?.kind === 'file' ? now : FRESH
      return ownedBy(step, { ...FRESH, mode: step.mode ?? mode, owner, group })
    }
  }
}

function ownedBy({ owner, group }: { owner: string | null; group: string | null }, stat: Stat): Stat {
  return { ...stat, owner: owner ?? stat.owner, group: group ?? stat.group }
}

/** The names in a directory, with those that steps made and without those that they removed. */
function names(path: string, there: readonly string[], entries: ReadonlyMap<string, Entry>): string[] {
  const all = new Set(there)
  for (const [other, entry] of entries) {
    if (posix.dirname(other) !== path) continue
    if (entry === null) all.delete(posix.basename(other))
    else all.add(posix.basename(other))
  }
  return [...all].sort()
}

/** What a file holds after a step, `null`: what it held before. */
function heldBy(step: MakingStep, blobs: Content): Held | null {
  if (step.do === 'mkdir' || step.do === 'link') return NO_CONTENT
  if (step.do !== 'write') return null
  const { content } = step
  if ('text' in content) return { text: content.text, sha256: null }
  return { text: blobs.get(content.sha256)?.toString('utf8') ?? null, sha256: content.sha256 }
}

function uncertain(step: Step): Assumed {
  if (step.do === 'run') return step.touches
  if (step.do === 'apt') return ['*']
  if (step.do === 'stamp') return []
  // A program that reads the file by itself sees it as it is, not as it will be.
  const disk = [`disk:${step.path}`]
  if (step.do === 'remove' || step.do === 'quarantine') return [...disk, `disk:${step.path}/*`]
  // What is reached through a new link is whatever stands at its other end.
  return step.do === 'link' ? [...disk, `disk:${step.path}/*`, `file:${step.path}/*`] : disk
}

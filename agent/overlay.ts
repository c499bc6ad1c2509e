import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Blobs } from '../lib/catalog.ts'
import type { Host, Key, Stat } from '../lib/host.ts'
import type { Content, Step } from '../lib/step.ts'
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
type MakingStep = Exclude<FileStep, { do: 'remove' }>

/** What a file holds. Without a `sha256` it is that of the text, made when somebody asks. */
type Held = { readonly text: string | null; readonly sha256: string | null }

/** `null`: absent, and so is all below it. */
type Entry = ({ readonly stat: Stat } & Held) | null

/**
 * Lays planned file steps over a host. Nothing is guessed: only steps whose whole effect is in the step itself are
 * absorbed; what a command or a package would do is returned as keys.
 */
export function overlay(base: Host, blobs: Blobs): Overlay {
  const entries = new Map<string, Entry>()
  /** Nothing of what the host has below these is there any more. */
  const replaced = new Set<string>()
  const stamps = new Set<string>()

  /** `undefined`: as on the host. */
  const find = (path: string): Entry | undefined => {
    if (entries.size === 0) return undefined
    if (entries.has(path)) return entries.get(path)
    for (let up = posix.dirname(path); up !== '/'; up = posix.dirname(up)) if (replaced.has(up)) return null
    return undefined
  }
  const stat = (path: string): Promise<Stat | null> => {
    const entry = find(path)
    return entry === undefined ? base.stat(path) : Promise.resolve(entry?.stat ?? null)
  }
  /** Links are followed, planned ones too: one file has many names, and a step one of them. */
  const directories = realDirectories(stat)
  const namedReally = async (path: string) => {
    if (path === '/') return path
    const directory = posix.dirname(path)
    // Most directories are known, and have one name: neither a wait nor a new string for each file in them.
    const end = directories.known(directory) ?? (await directories.find(directory))
    return end === directory ? path : posix.join(end, posix.basename(path))
  }
  const realPath = async (path: string) => (entries.size === 0 ? path : namedReally(path))
  const put = (path: string, stat: Stat, { text, sha256 }: Held) => {
    entries.set(path, { stat, text, sha256 })
  }
  const contentOf = async (path: string, now: Stat | null): Promise<Held> => {
    const entry = find(path)
    if (entry !== undefined && entry !== null) return entry
    if (now?.kind !== 'file') return NO_CONTENT
    return { text: null, sha256: await base.sha256(path) }
  }

  const heldAfter = async (step: MakingStep, path: string, now: Stat | null): Promise<Held> => {
    if (step.do === 'write') return heldOf(step.content, blobs)
    return step.do === 'mkdir' || step.do === 'link' ? NO_CONTENT : contentOf(path, now)
  }
  const replace = (path: string, now: Stat | null, step: FileStep): void => {
    replaced.add(path)
    // A link comes or goes, or may go with its directory. What takes the place of a file or of nothing has its name.
    if (step.do === 'link' || (now !== null && now.kind !== 'file')) directories.forget()
  }
  const absorb = async (step: FileStep): Promise<void> => {
    const path = await namedReally(step.path)
    const now = await stat(path)
    if (step.do !== 'chmod' && step.do !== 'chown') replace(path, now, step)
    if (step.do === 'remove') {
      entries.set(path, null)
      return
    }
    if (step.do === 'write' && step.backup !== null && now !== null) {
      put(await namedReally(step.backup), now, await contentOf(path, now))
      directories.forget()
    }
    put(path, statAfter(step, now), await heldAfter(step, path, now))
  }
  return {
    ...base,
    directories,
    async assume(step) {
      if (step.do === 'stamp') stamps.add(step.hash)
      else if (step.do !== 'run' && step.do !== 'apt') await absorb(step)
      return uncertain(step)
    },
    stat: async (path) => stat(await realPath(path)),
    async sha256(named) {
      const path = await realPath(named)
      const entry = find(path)
      if (entry === undefined || entry === null) return base.sha256(path)
      return (
        entry.sha256 ??
        createHash('sha256')
          .update(entry.text ?? '')
          .digest('hex')
      )
    },
    async text(named) {
      const path = await realPath(named)
      const entry = find(path)
      if (entry === null) return null
      // A file whose mode alone was changed still has the host's text.
      const asOnHost = entry === undefined || (entry.text === null && entry.stat.kind === 'file')
      return asOnHost ? base.text(path) : entry.text
    },
    async list(named) {
      // What is in a directory is asked for behind its last link too, as the kernel does.
      const path = entries.size === 0 ? named : await directories.find(named)
      const entry = find(path)
      if (entry === null || (entry !== undefined && entry.stat.kind !== 'directory')) return null
      const there = replaced.has(path) ? [] : ((await base.list(path)) ?? (entry === undefined ? null : []))
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

function heldOf(content: Content, blobs: Blobs): Held {
  if ('text' in content) return { text: content.text, sha256: null }
  return { text: blobs.get(content.sha256)?.toString('utf8') ?? null, sha256: content.sha256 }
}

function uncertain(step: Step): Assumed {
  if (step.do === 'run') return step.touches
  if (step.do === 'apt') return ['*']
  if (step.do === 'stamp') return []
  // A program that reads the file by itself sees it as it is, not as it will be.
  const disk = [`disk:${step.path}`]
  if (step.do === 'remove') return [...disk, `disk:${step.path}/*`]
  // What is reached through a new link is whatever stands at its other end.
  return step.do === 'link' ? [...disk, `disk:${step.path}/*`, `file:${step.path}/*`] : disk
}

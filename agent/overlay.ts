import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Blobs } from '../lib/catalog.ts'
import type { Host, Key, Stat } from '../lib/host.ts'
import type { Step } from '../lib/step.ts'
import { realDirectories } from './real-directory.ts'

/** What a step makes uncertain for whatever is read after it in the same check. */
export type Assumed = readonly Key[]

/** A host on which planned steps seem done: what comes later in a check sees the files as they will be. */
export interface Overlay extends Host {
  /** Absorbs a step. What it may change beyond that is returned: nobody can know it before it is performed. */
  assume(step: Step): Promise<Assumed>
}

/** A step whose whole effect on files is known. */
type FileStep = Exclude<Step, { do: 'run' | 'apt' | 'stamp' }>

/** `null`: absent, and so is all below it. */
type Entry = { readonly stat: Stat; readonly text: string | null; readonly sha256: string } | null

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
  const stat = async (path: string) => {
    const entry = find(path)
    return entry === undefined ? base.stat(path) : (entry?.stat ?? null)
  }
  /** Links are followed, planned ones too: one file has many names, and a step one of them. */
  const directories = realDirectories(stat)
  const namedReally = async (path: string) =>
    path === '/' ? path : posix.join(await directories.find(posix.dirname(path)), posix.basename(path))
  const realPath = async (path: string) => (entries.size === 0 ? path : namedReally(path))
  const put = (
    path: string,
    now: Stat | null,
    made: Partial<Stat>,
    content: { text: string | null; sha256: string },
  ) => {
    entries.set(path, { stat: { ...FRESH, ...now, ...made }, ...content })
  }
  const contentOf = async (path: string, now: Stat | null) => {
    const entry = find(path)
    if (entry !== undefined && entry !== null) return { text: entry.text, sha256: entry.sha256 }
    if (now?.kind !== 'file') return NO_CONTENT
    return { text: null, sha256: await base.sha256(path) }
  }

  const absorb = async (step: FileStep): Promise<void> => {
    const path = await namedReally(step.path)
    const now = await stat(path)
    if (step.do !== 'chmod' && step.do !== 'chown') replaced.add(path)
    switch (step.do) {
      case 'remove':
        entries.set(path, null)
        return
      case 'chmod':
        return put(path, now, { mode: step.mode }, await contentOf(path, now))
      case 'chown':
        return put(path, now, ownersOf(step), await contentOf(path, now))
      case 'mkdir':
        return put(path, null, { ...ownersOf(step), kind: 'directory', mode: step.mode }, NO_CONTENT)
      case 'link':
        return put(path, null, { kind: 'link', mode: '0777', target: step.target }, NO_CONTENT)
      case 'write': {
        if (step.backup !== null && now !== null)
          put(await namedReally(step.backup), now, {}, await contentOf(path, now))
        const { mode, owner, group } = now?.kind === 'file' ? now : FRESH
        const kept = { mode: step.mode ?? mode, owner, group, ...ownersOf(step) }
        return put(path, null, { ...kept, kind: 'file' }, digestOf(step.content, blobs))
      }
    }
  }
  return {
    ...base,
    async assume(step) {
      if (step.do === 'stamp') stamps.add(step.hash)
      else if (step.do !== 'run' && step.do !== 'apt') await absorb(step)
      // Only these make a link or take the place of one.
      if (step.do === 'link' || step.do === 'remove' || step.do === 'write') directories.forget()
      return uncertain(step)
    },
    stat: async (path) => stat(await realPath(path)),
    async sha256(named) {
      const path = await realPath(named)
      const entry = find(path)
      return entry === undefined || entry === null ? base.sha256(path) : entry.sha256
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
const NO_CONTENT = { text: null, sha256: '' }

function ownersOf({ owner, group }: { owner: string | null; group: string | null }): Partial<Stat> {
  return { ...(owner !== null && { owner }), ...(group !== null && { group }) }
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

function digestOf(
  content: { text: string } | { sha256: string },
  blobs: Blobs,
): { text: string | null; sha256: string } {
  if ('text' in content)
    return { text: content.text, sha256: createHash('sha256').update(content.text).digest('hex') }
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

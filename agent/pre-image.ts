import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Stat } from '../lib/host.ts'
import { MAX_PRE_IMAGE_BYTES, MAX_PRE_IMAGE_PATHS, MAX_PRE_IMAGES_BYTES } from '../lib/limits.ts'
import type { PathImage, PreImage, Unkept } from '../lib/pre-image.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Step } from '../lib/step.ts'
import { at, inParent } from './files.ts'
import { type LiveHost, readRegular } from './host.ts'
import { bytesOf, writeWhole } from './records.ts'

/** Content by its digest, bounded, in a folder that root alone reads. */
export interface KeptContent {
  /** On disk when it returns; `null`: there is no room. */
  keep(bytes: Buffer): string | null
  /** Keeps what another folder has too. */
  adopt(digest: string, from: string): void
  /** `undefined`: it is not there, or not what it was. */
  get(digest: string): Buffer | undefined
  /** Removes what nobody names any more. */
  tidy(named: ReadonlySet<string>): void
}

export function keptContent(dir: string): KeptContent {
  let used: number | null = null
  return {
    keep(bytes) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      const digest = sha256(bytes)
      const path = join(dir, digest)
      if (statSync(path, { throwIfNoEntry: false })?.size === bytes.length) return digest
      used ??= readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
      if (used + bytes.length > MAX_PRE_IMAGES_BYTES) return null
      writeWhole(path, [bytes])
      used += bytes.length
      return digest
    },
    adopt(digest, from) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      const path = join(dir, digest)
      if (statSync(path, { throwIfNoEntry: false }) === undefined) linkSync(join(from, digest), path)
    },
    get(digest) {
      const bytes = /^[0-9a-f]{64}$/.test(digest) ? bytesOf(join(dir, digest)) : null
      return bytes !== null && sha256(bytes) === digest ? bytes : undefined
    },
    tidy(named) {
      if (statSync(dir, { throwIfNoEntry: false }) === undefined) return
      for (const name of readdirSync(dir)) if (!named.has(name)) rmSync(join(dir, name))
      used = null
    },
  }
}

export type Imaging = {
  readonly host: LiveHost
  readonly content: KeptContent
  /** What is there may hold a secret that drover itself has put there. */
  readonly isSecret: (path: string) => boolean
}

/** What is at the paths of steps, before they are performed. */
export async function firstImages(
  steps: readonly Step[],
  imaging: Imaging,
): Promise<Pick<PreImage, 'paths' | 'cut'>> {
  const found = new Map<string, PathImage>()
  let cut = false
  for (const step of steps) {
    if (!('path' in step)) continue
    const known = found.get(step.path)
    if (known !== undefined && !isLacking(known, step)) continue
    if (known === undefined && found.size === MAX_PRE_IMAGE_PATHS) cut = true
    else found.set(step.path, await imageOf(step, imaging))
  }
  return { paths: [...found.values()], cut }
}

/**
 * The same of a resource that was changed before; `null`: there is nothing to add. What steps remove at paths that
 * are new was not there before drover, as in a directory that is purged.
 */
export async function laterImages(
  steps: readonly Step[],
  { paths, cut }: PreImage,
  imaging: Imaging,
): Promise<Pick<PreImage, 'paths' | 'cut'> | null> {
  const known = new Map(paths.map((image) => [image.path, image]))
  const due = steps.filter((step) => {
    const image = 'path' in step ? known.get(step.path) : undefined
    return image === undefined ? isMaking(step) : isLacking(image, step)
  })
  if (due.length === 0) return null
  const more = await firstImages(due, imaging)
  // Its mode and owner may be drover's own by now, its content is not.
  for (const image of more.paths)
    known.set(image.path, { ...image, was: (known.get(image.path) ?? image).was })
  const all = [...known.values()]
  return {
    paths: all.slice(0, MAX_PRE_IMAGE_PATHS),
    cut: cut || more.cut || all.length > MAX_PRE_IMAGE_PATHS,
  }
}

const isMaking = (step: Step) => step.do === 'write' || step.do === 'mkdir' || step.do === 'link'
const isReplacing = (step: Step) => step.do === 'write' || step.do === 'link' || step.do === 'remove'
const isLacking = ({ unkept }: PathImage, step: Step) => unkept === 'untouched' && isReplacing(step)

async function imageOf(step: Extract<Step, { path: string }>, imaging: Imaging): Promise<PathImage> {
  const { path } = step
  const stat = await imaging.host.stat(path)
  if (stat === null) return { path, was: null, sha256: null, unkept: null }
  const { kind, mode, owner, group, target } = stat
  return { path, was: { kind, mode, owner, group, target }, ...contentOf(step, stat, imaging) }
}

function contentOf(
  step: Extract<Step, { path: string }>,
  { kind, bytes: size }: Stat,
  { content, isSecret }: Imaging,
): Pick<PathImage, 'sha256' | 'unkept'> {
  const not = (unkept: Unkept | null) => ({ sha256: null, unkept })
  if (kind !== 'file' && kind !== 'directory') return not(null)
  if (!isReplacing(step)) return not('untouched')
  // One that is removed by itself has nothing in it.
  if (kind === 'directory') return not(step.do === 'remove' && !step.recursive ? null : 'directory')
  if (isSecret(step.path)) return not('secret')
  if (size > MAX_PRE_IMAGE_BYTES) return not('too-large')
  // By way of no link that others own, as it will be replaced.
  const bytes = inParent(step.path, (place) => readRegular(at(place), MAX_PRE_IMAGE_BYTES))
  const digest = bytes && content.keep(bytes)
  return digest === null ? not('no-room') : { sha256: digest, unkept: null }
}

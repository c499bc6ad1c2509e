import type { Declaration, Former, PathImage, Restoration, Unkept } from './pre-image.ts'
import type { Fields } from './state.ts'
import { textOf } from './text.ts'

/** How states put back what was there before drover. */

export const putBack = (...back: readonly Declaration[]): Restoration => ({ back, stays: [] })

/** What was at paths; `type` is what drover has put there. A directory goes first, and only when nothing is in it. */
export function restorePaths(paths: readonly PathImage[], type: 'file' | 'directory' | 'link'): Restoration {
  const back: Declaration[] = []
  const stays: string[] = []
  for (const image of paths) {
    const declared = atPath(image, type)
    if (typeof declared === 'string') stays.push(`${image.path}: ${declared}`)
    else if (type === 'directory' && image.was !== null && image.was.kind !== 'directory')
      back.push(gone(image.path, type), declared)
    else back.push(declared)
  }
  return { back, stays }
}

const gone = (path: string, type: string): Declaration => ({ type, name: path, props: { absent: true } })

/** Or why it stays as it is. */
function atPath({ path, was, sha256, unkept }: PathImage, type: 'file' | 'directory' | 'link') {
  if (was === null) return gone(path, type)
  const { kind, mode, owner, group } = was
  const access = { mode, owner, group }
  switch (kind) {
    case 'link':
      return { type: 'link', name: path, props: { to: was.target, force: type !== 'directory' } }
    case 'directory':
      return unkept === 'directory' ? LOST.directory : { type: 'directory', name: path, props: access }
    case 'file': {
      if (sha256 === null && unkept !== 'untouched') return LOST[unkept ?? 'no-room']
      const allow_setuid = !mode.startsWith('0')
      return { type: 'file', name: path, props: { sha256, ...access, allow_setuid } }
    }
    default:
      return `a ${kind} was there before`
  }
}

const LOST: Readonly<Record<Unkept, string>> = {
  untouched: 'it is as it was',
  secret: 'what was there before was not kept, since it may hold a secret',
  'too-large': 'what was there before was too large to be kept',
  'no-room': 'there was no room to keep what was there before',
  directory: 'what was in the directory before was not kept',
}

/**
 * The whole file as it was, where nothing but this one edit has changed it since; `null`: it has changed in other ways
 * too, or is not kept.
 */
export async function uneditedFile(
  path: string,
  edit: (before: string) => string,
  { paths, host, text }: Pick<Former<Fields>, 'paths' | 'host' | 'text'>,
): Promise<Declaration | null> {
  const sha256 = paths.find((image) => image.path === path)?.sha256 ?? null
  const before = sha256 === null ? null : text(path)
  if (before === null || (await textOf(path, host)) !== edit(before)) return null
  return { type: 'file', name: path, props: { sha256, mode: null, owner: null, group: null } }
}

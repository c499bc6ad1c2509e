import { marksIn } from '../../lib/secret-mark.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Diagnostics } from '../site/diagnostics.ts'
import type { Limits } from '../site/limits.ts'
import { meant } from '../site/nearest.ts'
import type { Role } from '../site/role.ts'
import { escapes } from '../site/role.ts'
import type { MapEntry, ScalarNode } from '../site/tree.ts'
import { asString } from '../site/tree.ts'
import type { Values } from './engine.ts'
import { FAILED, type Failed, type Scope } from './scope.ts'

export const CONTENT_KEYS = ['content', 'template', 'source'] as const

/** Bytes by sha256, and which files of the site they came from. */
export class Blobs {
  readonly bytes = new Map<string, Buffer>()
  readonly used = new Set<string>()
  /** Names of the secrets that a content holds marks of, by its hash. */
  readonly marks = new Map<string, readonly string[]>()
  /** Of all together. */
  readonly maxBytes: number
  #total = 0

  constructor({ file_bytes_per_host: maxBytes }: Limits) {
    this.maxBytes = maxBytes
  }

  /** The hash of the bytes, kept; `null` when the host's share is spent. */
  add(bytes: Buffer, hash: string): string | null {
    if (this.bytes.has(hash)) return hash
    if (this.#total + bytes.length > this.maxBytes) return null
    this.#total += bytes.length
    this.bytes.set(hash, bytes)
    return hash
  }
}

export type ContentContext = {
  readonly role: Role
  readonly scope: Scope
  readonly local: Values
  readonly blobs: Blobs
  readonly found: Diagnostics
}

/** The hash of what `content`, `template` or `source` gives; `null` when it says "not managed". */
export function contentOf(entry: MapEntry, context: ContentContext): string | null | Failed {
  const { found, scope, local, blobs } = context
  if (entry.value.kind === 'scalar' && entry.value.value === null) return null
  if (asString(entry.value, entry.key, found) === null) return FAILED
  const node = entry.value as ScalarNode
  const text = scope.text(node, local)
  if (text === FAILED) return FAILED
  const made = entry.key === 'content' ? bytesOf(text) : fromRole(entry.key, text, node, context)
  if (made === FAILED) return FAILED
  const hash = blobs.add(made.bytes, made.hash)
  if (made.marks.length > 0) blobs.marks.set(made.hash, made.marks)
  return hash ?? tooLarge(node, context)
}

function tooLarge(node: ScalarNode, { blobs, found }: ContentContext): Failed {
  const message = `the files of one host have more than ${blobs.maxBytes} bytes together`
  found.error('E_LIMIT', node, message, { hint: 'bring large files to hosts in a package' })
  return FAILED
}

type Made = { readonly bytes: Buffer; readonly hash: string; readonly marks: readonly string[] }

function bytesOf(text: string): Made {
  const bytes = Buffer.from(text)
  return { bytes, hash: sha256(bytes), marks: marksIn(text) }
}

function fromRole(key: string, path: string, node: ScalarNode, context: ContentContext): Made | Failed {
  const { role, scope, local, found, blobs } = context
  const folder = key === 'template' ? 'templates' : 'files'
  if (escapes(path)) {
    found.error('E_PATH_ESCAPE', node, `"${path}" leads out of ${folder}/ of role ${role.name}`, {
      hint: `name a file by its path in ${folder}/`,
    })
    return FAILED
  }
  const files = key === 'template' ? role.templates : role.files
  const file = files.get(path)
  if (file === undefined) {
    const code = key === 'template' ? 'E_UNKNOWN_TEMPLATE' : 'E_UNKNOWN_FILE'
    const hint = meant(path, files.keys())
    found.error(code, node, `role ${role.name} has no file "${path}" in ${folder}/`, { hint })
    return FAILED
  }
  blobs.used.add(file.path)
  // Nothing is read that is too large by itself.
  if (key === 'source' && file.size > blobs.maxBytes) return tooLarge(node, context)
  if (key === 'source') return { bytes: file.bytes, hash: file.sha256, marks: [] }
  const rendered = scope.template(path, node, local)
  return rendered === FAILED ? FAILED : bytesOf(rendered)
}

import type { Failure } from '../../lib/failure.ts'
import { MAX_AUDIT_BYTES } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Store } from '../store/store.ts'

/** Keeps who asked for what, when, and what it came to. */
export type Audit = (
  actor: string,
  method: string,
  request: unknown,
  failure: Failure | null,
) => Promise<void>

export function openAudit(store: Pick<Store, 'audit'>, now: () => number): Audit {
  return async (actor, method, request, failure) => {
    const at = now()
    const [subject, detail, result] = [subjectOf(request), detailOf(request), failure?.code ?? 'ok']
    await store.audit.append({ at, actor, method, subject, detail, result })
  }
}

/** What a request is about: a host, an operator, or a selection. */
function subjectOf(request: unknown): string {
  const { host, name, role, selection } = (request ?? {}) as Record<string, unknown>
  if (typeof host === 'string' && host !== '') return cut(host)
  if (typeof name === 'string' && name !== '') return cut(name)
  if (host === '' && typeof role === 'string' && role !== '') return cut(`role ${role}`)
  const { hosts = [], roles = [], all = false } = (selection ?? {}) as Record<string, unknown[] | boolean>
  if (all === true) return 'all hosts'
  return cut([...(hosts as string[]), ...(roles as string[]).map((role) => `role ${role}`)].join(' '))
}

const cut = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text)

/** No request holds a secret; bytes are public keys, and their hash tells which. */
function detailOf(request: unknown): string {
  const bytes = (value: unknown) => {
    if (!(value instanceof Uint8Array)) return undefined
    return `sha256:${sha256(value)}`
  }
  // A Buffer has turned itself into a record before a replacer sees it, so its owner is asked.
  const text = JSON.stringify(request ?? {}, function (this: Record<string, unknown>, key, value) {
    return bytes(this[key]) ?? value
  })
  return text.length <= MAX_AUDIT_BYTES
    ? text
    : JSON.stringify({ tooLong: text.slice(0, MAX_AUDIT_BYTES - 100) })
}

import { posix } from 'node:path'
import type { ResourceId } from '../../lib/state.ts'

/** `/etc//x` and `/etc/./x` name the file that `/etc/x` names. */
export function canonicalName(name: string): string {
  if (!name.startsWith('/')) return name
  const normal = posix.normalize(name)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

export const idOf = (type: string, name: string): ResourceId => `${type}:${canonicalName(name)}`

/** The id that a text such as `file:/etc/motd` names; `null` when it has no colon. */
export function parseId(text: string): ResourceId | null {
  const colon = text.indexOf(':')
  return colon <= 0 || colon === text.length - 1 ? null : idOf(text.slice(0, colon), text.slice(colon + 1))
}

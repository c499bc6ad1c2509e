import { MAX_TEMPLATE_BYTES } from '../../lib/limits.ts'
import type { Role } from '../site/role.ts'

// Asked of every role of every host, and answered by its bytes alone.
const texts = new WeakMap<Role, string>()

/** All that a role could evaluate: its declaration and its templates. */
function textOf(role: Role): string {
  let text = texts.get(role)
  if (text === undefined) {
    const readable = [...role.templates.values()].filter((file) => file.size <= MAX_TEMPLATE_BYTES)
    const templates = readable.map((file) => file.bytes.toString('utf8'))
    text = [role.source?.bytes.toString('utf8') ?? '', ...templates].join('\n')
    texts.set(role, text)
  }
  return text
}

// In double quotes YAML writes any letter as a number, and a word goes on behind a line that ends in a backslash.
const HIDES_WORDS = /\\[xuU\r\n]/

/** Whether a role may use a name in an expression; it may be wrong only by saying yes. */
export function mentions(role: Role, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(textOf(role)) || HIDES_WORDS.test(textOf(role))
}

/** Whether a role holds any expression. */
export function needsEngine(role: Role): boolean {
  const text = textOf(role)
  return role.templates.size > 0 || /\{\{|\{%|\{#|\b(?:when|for_each)\b/.test(text) || HIDES_WORDS.test(text)
}

export const seesFleet = (role: Role) => mentions(role, 'hosts')

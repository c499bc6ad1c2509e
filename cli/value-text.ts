import type { Change } from '../lib/state.ts'

const MAX_VALUE_CHARACTERS = 300
const PLAIN_VALUE = /^[^\s"'`,[\]{}]+$/

/** A value of a field as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  const text = typeof value === 'string' ? stringText(value) : JSON.stringify(value)
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text
}

// The word "none" in quotes is the text; without, nothing is there.
const stringText = (text: string) => (PLAIN_VALUE.test(text) && text !== 'none' ? text : JSON.stringify(text))

const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

/** A hash tells nobody anything: what it stands for is shown as a diff. */
export const isContent = ({ from, to }: Change) => isHash(to) || isHash(from)

const NAMES: Readonly<Record<string, string>> = { sha256: 'content' }
export const fieldText = (field: string) =>
  NAMES[field] ?? field.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()

/** `3 ms`, `1.2 s`, `4 min 12 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round((ms % 60_000) / 1000)
  return `${Math.floor(ms / 60_000)} min${seconds === 0 ? '' : ` ${seconds} s`}`
}

/** `a, b, c and 4 more`. */
export function someOf(names: readonly string[], most = 3): string {
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

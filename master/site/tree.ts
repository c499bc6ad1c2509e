import type { Diagnostics, Place } from './diagnostics.ts'

/** A YAML document as plain nodes, each of which knows its file, line and column. */
export type YamlNode = ScalarNode | ListNode | MapNode

export type ScalarNode = Place & {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** How a plain scalar was written, such as `0644` for 644; `null` for quoted and block text. */
  readonly source: string | null
  /** Where the text itself begins, behind a quote or below `|`. Each of its lines begins at this column. */
  readonly textLine: number
  readonly textColumn: number
}

export type ListNode = Place & { readonly kind: 'list'; readonly items: readonly YamlNode[] }
export type MapNode = Place & { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
export type MapEntry = { readonly key: string; readonly place: Place; readonly value: YamlNode }

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/** The values alone. */
export function plain(node: YamlNode): Plain {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  return record(node.entries.map(({ key, value }) => [key, plain(value)]))
}

/** An object of entries, in which `__proto__` is a key like any other. */
export function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const made: Record<string, T> = {}
  for (const [key, value] of entries) {
    if (key === '__proto__') {
      Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true })
    } else {
      made[key] = value
    }
  }
  return made
}

/** What was computed from a node, as nodes that all stand at its place. */
export function nodeOf(value: Plain, at: Place): YamlNode {
  const { file, line, column } = at
  const place = { file, line, column }
  if (Array.isArray(value)) return { kind: 'list', ...place, items: value.map((item) => nodeOf(item, at)) }
  if (typeof value !== 'object' || value === null) {
    const scalar = value as ScalarNode['value']
    return { kind: 'scalar', ...place, value: scalar, source: null, textLine: line, textColumn: column }
  }
  const entries = Object.entries(value).map(([key, one]) => ({ key, place, value: nodeOf(one, at) }))
  return { kind: 'map', ...place, entries }
}

export function entry(node: MapNode, key: string): MapEntry | null {
  return node.entries.find((candidate) => candidate.key === key) ?? null
}

/** The node at a path of keys and indexes, or the last one on the way that exists. */
export function descend(node: YamlNode, path: readonly (string | number)[]): YamlNode {
  let at = node
  for (const step of path) {
    const next =
      at.kind === 'map'
        ? entry(at, String(step))?.value
        : at.kind === 'list'
          ? at.items[Number(step)]
          : undefined
    if (next === undefined) return at
    at = next
  }
  return at
}

/** What a node is, in the words of a sentence. */
export function describe(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  if (node.value === null) return 'null'
  if (typeof node.value === 'string') return `the string ${JSON.stringify(shorten(node.value))}`
  return `the ${typeof node.value} ${node.source ?? node.value}`
}

export const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** The map that a node is; otherwise a diagnostic and `null`. */
export function asMap(node: YamlNode, what: string, found: Diagnostics): MapNode | null {
  if (node.kind === 'map') return node
  found.error('E_TYPE', node, `${what} must be a map, got ${describe(node)}`)
  return null
}

export function asList(node: YamlNode, what: string, found: Diagnostics): ListNode | null {
  if (node.kind === 'list') return node
  found.error('E_TYPE', node, `${what} must be a list, got ${describe(node)}`)
  return null
}

export function asString(node: YamlNode, what: string, found: Diagnostics): string | null {
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value
  const source = node.kind === 'scalar' ? node.source : null
  const hint = source !== null && source !== '' ? `write it in quotes: "${source}"` : null
  found.error('E_TYPE', node, `${what} must be a string, got ${describe(node)}`, { hint })
  return null
}

export function asBoolean(node: YamlNode, what: string, found: Diagnostics): boolean {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value
  found.error('E_TYPE', node, `${what} must be true or false, got ${describe(node)}`, {
    allowed: 'true, false',
  })
  return false
}

/** Strings of a list, or of one string by itself; what is no string is reported and left out. */
export function asStrings(
  node: YamlNode,
  what: string,
  found: Diagnostics,
): { text: string; node: ScalarNode }[] {
  const items = node.kind === 'list' ? node.items : [node]
  return items.flatMap((item) => {
    const text = asString(item, what, found)
    return text === null ? [] : [{ text, node: item as ScalarNode }]
  })
}

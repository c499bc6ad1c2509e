import { MAX_YAML_DEPTH } from '../../lib/limits.ts'
import type { Place } from './diagnostics.ts'
import type { ListNode, MapEntry, MapNode, ScalarNode, YamlNode } from './tree.ts'
import { resolvePlain } from './yaml-scalar.ts'

/**
 * Reads the YAML that people write nearly always: block maps and lists, plain and quoted scalars of one line,
 * flow collections of one line, literal blocks. `null` for anything else, and for every mistake: the whole
 * language, and the sentences about mistakes, are `yaml-full.ts`, which costs 50 ms to load and is 20 times slower.
 * What this reads, that one reads alike: a property test compares them.
 */
export function readQuick(text: string, file: string): YamlNode | null {
  try {
    return new QuickReader(text, file).document()
  } catch (thrown) {
    if (thrown === BEYOND) return null
    throw thrown
  }
}

const BEYOND = new Error('beyond the quick reader')

// Sticky: each matches at `lastIndex` or not at all.
const KEY = /(?:([A-Za-z0-9_./][\w./@+-]{0,900})|"([^"\\]{0,900})"|'([^']{0,900})') *:(?= |$)/y
const QUOTED = /"((?:[^"\\]|\\["\\/nt])*)"|'((?:[^']|'')*)'/y
const PLAIN = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-:?](?=\S))(?:[^\s:#]|:(?=\S)|(?<=\S)#| +(?=[^\s#]))*/y
const FLOW_PLAIN =
  /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^\s,[\]{}]))(?:[^\s,[\]{}:#]|:(?=[^\s,[\]{}])| +(?=[^\s,[\]{}:#]))*/y
const FLOW_KEY = /(?:([A-Za-z0-9_./][\w./@+-]{0,900})|"([^"\\]{0,900})"|'([^']{0,900})') *:(?= )/y
const LITERAL = /\|(-?) *(?: #.*)?$/y
const REST = / *(?: #.*)?$/y
const COMMENT_OR_BLANK = /^ *(?:#.*)?$/
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', n: '\n', t: '\t' }

class QuickReader {
  readonly #file: string
  readonly #lines: string[]
  #row = 0
  #depth = 0

  constructor(text: string, file: string) {
    this.#file = file
    this.#lines = text.split('\n')
    // A text that ends in a newline has no line behind it.
    if (this.#lines.at(-1) === '') this.#lines.pop()
    else throw BEYOND
  }

  document(): YamlNode {
    if (this.#next() < 0) throw BEYOND
    if (this.#line().trimEnd() === '---') this.#row += 1
    const indent = this.#next()
    if (indent < 0) throw BEYOND
    const node = this.#block(indent)
    if (this.#next() >= 0) throw BEYOND
    return node
  }

  #line(): string {
    return this.#lines[this.#row] ?? ''
  }

  /** Goes to the next line that says something, and returns its indent; -1 at the end. */
  #next(): number {
    for (; this.#row < this.#lines.length; this.#row += 1) {
      const line = this.#line()
      if (line === '' || COMMENT_OR_BLANK.test(line)) continue
      if (line.includes('\t') || line.startsWith('---') || line.startsWith('...')) return this.#marker(line)
      return indentOf(line)
    }
    return -1
  }

  #marker(line: string): number {
    if (line.trimEnd() === '---' && this.#row === this.#firstRow()) return 0
    throw BEYOND
  }

  #firstRow(): number {
    return this.#lines.findIndex((line) => !COMMENT_OR_BLANK.test(line))
  }

  /** A map or a list whose first key or dash is at `column` of the current line. */
  #block(column: number): YamlNode {
    this.#depth += 1
    if (this.#depth > MAX_YAML_DEPTH) throw BEYOND
    const node = isDash(this.#line(), column) ? this.#list(column) : this.#map(column)
    this.#depth -= 1
    return node
  }

  #list(column: number): ListNode {
    const place = this.#place(column)
    const items: YamlNode[] = []
    do {
      if (!isDash(this.#line(), column)) throw BEYOND
      // Where nothing follows the dash, what is behind it is null.
      const here = this.#place(column + 1)
      const at = skipSpaces(this.#line(), column + 1)
      items.push(this.#value(at, column, here, true))
    } while (this.#continues(column) && isDash(this.#line(), column))
    return { kind: 'list', ...place, items }
  }

  #map(column: number): MapNode {
    const place = this.#place(column)
    const entries: MapEntry[] = []
    const seen = new Set<string>()
    do {
      const line = this.#line()
      KEY.lastIndex = column
      const match = KEY.exec(line)
      const key = match?.[1] ?? match?.[2] ?? match?.[3]
      if (key === undefined || seen.has(key)) throw BEYOND
      seen.add(key)
      const here = this.#place(column)
      const at = skipSpaces(line, KEY.lastIndex)
      entries.push({ key, place: here, value: this.#value(at, column, here, false) })
    } while (this.#continues(column))
    return { kind: 'map', ...place, entries }
  }

  /** Whether the next line belongs to the collection at `column`; one between the two levels is beyond. */
  #continues(column: number): boolean {
    const indent = this.#next()
    if (indent > column) throw BEYOND
    return indent === column
  }

  /** What stands at `at` of the current line, inside a collection whose own indent is `parent`. */
  #value(at: number, parent: number, here: Place, inList: boolean): YamlNode {
    const line = this.#line()
    const first = line[at]
    if (first === undefined || (first === '#' && line[at - 1] === ' '))
      return this.#below(parent, here, inList)
    if (first === '|') return this.#literal(at, parent)
    if (inList && (isDash(line, at) || this.#isKey(at))) return this.#block(at)
    const { node, end } = this.#inline(line, at)
    REST.lastIndex = end
    if (!REST.test(line)) throw BEYOND
    this.#row += 1
    // A scalar that goes on in the next line is indented there, which is beyond wherever it stands.
    return node
  }

  #isKey(at: number): boolean {
    KEY.lastIndex = at
    return KEY.test(this.#line())
  }

  #below(parent: number, here: Place, inList: boolean): YamlNode {
    this.#row += 1
    const indent = this.#next()
    const listAtSameIndent = !inList && indent === parent && isDash(this.#line(), indent)
    if (indent > parent || listAtSameIndent) return this.#block(indent)
    return scalar(here, null, '')
  }

  #literal(at: number, parent: number): ScalarNode {
    LITERAL.lastIndex = at
    const header = LITERAL.exec(this.#line())
    if (header === null) throw BEYOND
    const place = this.#place(at)
    this.#row += 1
    const start = this.#row
    const first = this.#lines[start] ?? ''
    const indent = indentOf(first)
    // Leading blank lines have rules of their own.
    if (indent <= parent || indent === first.length) throw BEYOND
    const text: string[] = []
    for (; this.#row < this.#lines.length; this.#row += 1) {
      const line = this.#line()
      if (line !== '' && !startsWithSpaces(line, indent)) {
        if (indentOf(line) < line.length) break
        text.push('')
      } else {
        text.push(line.slice(indent))
      }
    }
    while (text.at(-1) === '') text.pop()
    // Spaces beyond the indent are text; at the end they are easily meant otherwise.
    if (text.at(-1)?.trim() === '') throw BEYOND
    const value = text.join('\n') + (header[1] === '-' ? '' : '\n')
    return { kind: 'scalar', ...place, value, source: null, textLine: start + 1, textColumn: indent + 1 }
  }

  /** A scalar or flow collection that ends in this line. */
  #inline(line: string, at: number): { node: YamlNode; end: number } {
    const first = line[at]
    if (first === '[' || first === '{') return this.#flow(line, at)
    if (first === '"' || first === "'") return this.#quoted(line, at)
    return this.#plain(line, at, PLAIN)
  }

  #plain(line: string, at: number, shape: RegExp): { node: ScalarNode; end: number } {
    shape.lastIndex = at
    const source = shape.exec(line)?.[0]
    if (source === undefined) throw BEYOND
    const { value, problem } = resolvePlain(source)
    if (problem !== null) throw BEYOND
    return { node: scalar(this.#place(at), value, source), end: at + source.length }
  }

  #quoted(line: string, at: number): { node: ScalarNode; end: number } {
    QUOTED.lastIndex = at
    const match = QUOTED.exec(line)
    if (match === null) throw BEYOND
    const value =
      match[1]?.replace(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? '') ??
      (match[2] ?? '').replaceAll("''", "'")
    const place = this.#place(at)
    const node = { ...scalar(place, value, null), textColumn: place.column + 1 }
    return { node, end: at + match[0].length }
  }

  #flow(line: string, at: number): { node: YamlNode; end: number } {
    this.#depth += 1
    if (this.#depth > MAX_YAML_DEPTH) throw BEYOND
    const isMap = line[at] === '{'
    const close = isMap ? '}' : ']'
    const items: YamlNode[] = []
    const entries: MapEntry[] = []
    const seen = new Set<string>()
    let end = skipSpaces(line, at + 1)
    while (line[end] !== close) {
      if (items.length + entries.length > 0) end = comma(line, end)
      const read = isMap ? this.#flowEntry(line, end, seen) : this.#flowItem(line, end)
      if ('entry' in read) entries.push(read.entry)
      else items.push(read.node)
      end = skipSpaces(line, read.end)
    }
    this.#depth -= 1
    const place = this.#place(at)
    const node: YamlNode = isMap ? { kind: 'map', ...place, entries } : { kind: 'list', ...place, items }
    return { node, end: end + 1 }
  }

  #flowItem(line: string, at: number): { node: YamlNode; end: number } {
    const first = line[at]
    if (first === '[' || first === '{') return this.#flow(line, at)
    if (first === '"' || first === "'") return this.#quoted(line, at)
    return this.#plain(line, at, FLOW_PLAIN)
  }

  #flowEntry(line: string, at: number, seen: Set<string>): { entry: MapEntry; end: number } {
    FLOW_KEY.lastIndex = at
    const match = FLOW_KEY.exec(line)
    const key = match?.[1] ?? match?.[2] ?? match?.[3]
    if (key === undefined || seen.has(key)) throw BEYOND
    seen.add(key)
    const { node, end } = this.#flowItem(line, skipSpaces(line, FLOW_KEY.lastIndex))
    return { entry: { key, place: this.#place(at), value: node }, end }
  }

  #place(column: number): Place {
    return { file: this.#file, line: this.#row + 1, column: column + 1 }
  }
}

function scalar(place: Place, value: ScalarNode['value'], source: string | null): ScalarNode {
  return { kind: 'scalar', ...place, value, source, textLine: place.line, textColumn: place.column }
}

function indentOf(line: string): number {
  let indent = 0
  while (line.charCodeAt(indent) === 0x20) indent += 1
  return indent
}

function startsWithSpaces(line: string, count: number): boolean {
  for (let i = 0; i < count; i += 1) if (line.charCodeAt(i) !== 0x20) return false
  return true
}

function skipSpaces(line: string, from: number): number {
  let at = from
  while (line.charCodeAt(at) === 0x20) at += 1
  return at
}

const isDash = (line: string, at: number) =>
  line[at] === '-' && (line[at + 1] === ' ' || at + 1 === line.length)

function comma(line: string, at: number): number {
  if (line[at] !== ',') throw BEYOND
  return skipSpaces(line, at + 1)
}

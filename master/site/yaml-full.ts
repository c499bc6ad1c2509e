import type { Pair, Node as YamlLibraryNode } from 'yaml'
import * as yaml from 'yaml'
import {
  MAX_DIAGNOSTICS,
  MAX_FILE_DIAGNOSTICS,
  MAX_YAML_ALIASES,
  MAX_YAML_DEPTH,
  YAML_AHEAD_BYTES,
} from '../../lib/limits.ts'
import { Diagnostics, type Place } from './diagnostics.ts'
import type { MapEntry, ScalarNode, YamlNode } from './tree.ts'
import { shorten } from './tree.ts'
import { resolvePlain } from './yaml-scalar.ts'
import { checkCharacters, placeAt } from './yaml-text.ts'

/** Reads all of YAML 1.2 that is allowed here, and says what is wrong with the rest. */
export function readFull(text: string, file: string, found: Diagnostics): YamlNode | null {
  const counter = new yaml.LineCounter()
  const tokens = [...new yaml.Parser(counter.addNewLine).parse(text)]
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const before = found.errors
  const { comments, tooDeep, tags } = survey(tokens, text, place, found)
  checkCharacters(text, place, within(comments), found)
  for (const tag of tags) {
    found.error(
      'E_YAML_TAG',
      place(tag.offset),
      `the tag ${shorten(tag.source)} is refused: values have no tags here`,
      {
        hint: 'take the tag out; quotes make a string of anything',
      },
    )
  }
  if (tooDeep !== null) {
    found.error('E_DEPTH', place(tooDeep), `the document is nested deeper than ${MAX_YAML_DEPTH} levels`)
    return null
  }
  // The library's own check for duplicate keys takes the square of the number of keys.
  const composer = new yaml.Composer({
    uniqueKeys: false,
    schema: 'failsafe',
    merge: false,
    logLevel: 'silent',
  })
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  if (second !== undefined) {
    found.error(
      'E_YAML_MULTIDOC',
      place(second.range[0]),
      'a second document begins here; a file holds one',
      {
        hint: 'split the file, or take the "---" out',
      },
    )
  }
  for (const error of document?.errors ?? []) syntaxError(error, place, text, found)
  if (document === undefined || (document.errors.length > 0 && found.errors > before)) return null
  if (document.contents === null) return null
  return new Converter(text, place, found).node(document.contents, place(0))
}

/**
 * Whether a large file has mistakes that its beginning shows already: they are told, and nobody waits for the rest. Of
 * a part that ends anywhere only the first half is believed, since what is cut off is missed at its end.
 */
export function readAhead(text: string, file: string, found: Diagnostics): boolean {
  for (let part = YAML_AHEAD_BYTES; part < text.length / 2; part *= 8) {
    const ahead = new Diagnostics()
    const end = text.lastIndexOf('\n', part) + 1
    if (end === 0) continue
    readFull(text.slice(0, end), file, ahead)
    const { line } = placeAt(text, end / 2, file)
    const early = ahead.sorted().filter((one) => one.line < line && one.file === file)
    if (!early.some(({ severity }) => severity === 'error')) continue
    const told = early.slice(0, MAX_FILE_DIAGNOSTICS)
    found.addAll(told)
    const last = told.at(-1)?.line ?? 1
    const message = `what follows line ${last} was not looked at: the file is large, and has mistakes before it`
    found.error('E_LIMIT', { file, line: last + 1, column: 1 }, message, { hint: 'mend those first' })
    return true
  }
  return false
}

function syntaxError(
  error: yaml.YAMLParseError,
  place: (offset: number) => Place,
  text: string,
  found: Diagnostics,
): void {
  const at = place(error.pos[0])
  if (error.code === 'TAB_AS_INDENT') {
    found.error('E_YAML_TAB', at, 'a tab must not indent or separate', { hint: 'use spaces' })
    return
  }
  if (error.code === 'TAG_RESOLVE_FAILED') return
  const lineStart = text.lastIndexOf('\n', error.pos[0] - 1) + 1
  const line = text.slice(lineStart, (text.indexOf('\n', lineStart) + 1 || text.length + 1) - 1)
  const braces = /[:-]\s+\{\{/.test(line)
  const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.?\s*$/, '')
  found.error('E_YAML', at, `not valid YAML: ${reason}`, {
    hint: braces ? 'a value that begins with {{ must stand in quotes' : null,
  })
}

type Survey = {
  readonly comments: readonly (readonly [number, number])[]
  readonly tags: readonly { readonly offset: number; readonly source: string }[]
  /** Where the limit is first exceeded. */
  readonly tooDeep: number | null
}

/** One walk over the tokens, on a stack of its own: the library composes by recursion. */
function survey(
  tokens: readonly yaml.CST.Token[],
  text: string,
  place: (offset: number) => Place,
  found: Diagnostics,
): Survey {
  const comments: (readonly [number, number])[] = []
  const tags: { offset: number; source: string }[] = []
  const free: (readonly [number, number])[] = []
  let tooDeep: number | null = null
  const stack: { token: yaml.CST.Token; depth: number }[] = tokens
    .map((token) => ({ token, depth: 0 }))
    .reverse()
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { token, depth } = top
    if (depth > MAX_YAML_DEPTH) tooDeep ??= token.offset
    if (token.type === 'comment') comments.push([token.offset, token.offset + token.source.length])
    if (token.type === 'tag') tags.push({ offset: token.offset, source: token.source })
    if (token.type === 'block-scalar') free.push([token.offset, token.offset + token.source.length + 1])
    const deeper = isCollection(token) ? depth + 1 : depth
    for (const child of children(token)) stack.push({ token: child, depth: deeper })
  }
  checkTabs(text, [...comments, ...free], place, found)
  return { comments, tags, tooDeep }
}

const isCollection = (token: yaml.CST.Token) =>
  token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection'

function children(token: yaml.CST.Token): yaml.CST.Token[] {
  const list: yaml.CST.Token[] = []
  const add = (more: readonly (yaml.CST.Token | null | undefined)[] | undefined) => {
    for (const one of more ?? []) if (one) list.push(one)
  }
  if ('start' in token && Array.isArray(token.start)) add(token.start)
  if ('props' in token) add(token.props)
  if ('end' in token && Array.isArray(token.end)) add(token.end)
  if (token.type === 'document') add([token.value])
  if (token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection') {
    for (const item of token.items) {
      add(item.start)
      add([item.key, item.value])
      add(item.sep)
    }
  }
  return list.reverse()
}

/** Tabs are text in a block scalar and harmless in a comment; anywhere else they only look like spaces. */
function checkTabs(
  text: string,
  free: readonly (readonly [number, number])[],
  place: (offset: number) => Place,
  found: Diagnostics,
): void {
  const before = found.errors
  const isFree = within(free)
  let lastLine = 0
  for (let at = text.indexOf('\t'); at >= 0; at = text.indexOf('\t', at + 1)) {
    if (found.errors - before > MAX_DIAGNOSTICS) return
    if (isFree(at)) continue
    const where = place(at)
    if (where.line === lastLine) continue
    lastLine = where.line
    found.error('E_YAML_TAB', where, 'a tab must not indent or separate', {
      hint: 'use spaces, or "\\t" in double quotes',
    })
  }
}

/** Whether an offset lies in one of some ranges that do not overlap. */
function within(ranges: readonly (readonly [number, number])[]): (offset: number) => boolean {
  const sorted = [...ranges].sort(([a], [b]) => a - b)
  return (offset) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle]?.[0] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return offset < (sorted[low - 1]?.[1] ?? 0)
  }
}

/** A value that is not written at all has no place but its key's. */
const isNothing = (value: unknown) =>
  yaml.isScalar(value) && value.type === 'PLAIN' && value.source === '' && value.anchor === undefined

class Converter {
  readonly #text: string
  readonly #place: (offset: number) => Place
  readonly #found: Diagnostics
  readonly #anchors = new Map<string, YamlNode | 'open'>()
  /** Aliases that a node stands for once all of them are followed. */
  readonly #weights = new Map<YamlNode, number>()
  #aliases = 0

  constructor(text: string, place: (offset: number) => Place, found: Diagnostics) {
    this.#text = text
    this.#place = place
    this.#found = found
  }

  node(node: YamlLibraryNode, fallback: Place): YamlNode {
    if (yaml.isAlias(node)) return this.#alias(node, fallback)
    const place = node.range ? this.#place(node.range[0]) : fallback
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    const before = this.#aliases
    const made = this.#content(node, place)
    this.#weights.set(made, this.#aliases - before)
    if (anchor !== undefined) this.#anchors.set(anchor, made)
    return made
  }

  #content(node: YamlLibraryNode, place: Place): YamlNode {
    if (yaml.isSeq(node)) {
      const items = node.items.map((item) => this.node(item as YamlLibraryNode, place))
      return { kind: 'list', ...place, items }
    }
    if (yaml.isMap(node)) return { kind: 'map', ...place, entries: this.#entries(node.items as Pair[]) }
    return this.#scalar(node as yaml.Scalar, place)
  }

  #alias(node: yaml.Alias, fallback: Place): YamlNode {
    const place = node.range ? this.#place(node.range[0]) : fallback
    const target = this.#anchors.get(node.source)
    const nothing: ScalarNode = this.#bare(place, null)
    if (target === undefined) {
      this.#found.error('E_YAML_ALIAS', place, `the alias *${node.source} stands for no anchor above it`)
      return nothing
    }
    if (target === 'open') {
      this.#found.error('E_YAML_CYCLE', place, `the alias *${node.source} stands inside its own anchor`)
      return nothing
    }
    const before = this.#aliases
    this.#aliases += 1 + (this.#weights.get(target) ?? 0)
    if (this.#aliases > MAX_YAML_ALIASES && before <= MAX_YAML_ALIASES) {
      this.#found.error(
        'E_YAML_ALIAS',
        place,
        `aliases stand for more than ${MAX_YAML_ALIASES} values in this file`,
        {
          hint: 'write the values out, or keep them in data/ once',
        },
      )
    }
    return this.#aliases > MAX_YAML_ALIASES ? nothing : target
  }

  #entries(pairs: readonly Pair[]): MapEntry[] {
    const seen = new Map<string, Place>()
    return pairs.flatMap((pair) => {
      const made = this.#entry(pair)
      if (made === null) return []
      const first = seen.get(made.key)
      if (first !== undefined) {
        const message = `the key "${shorten(made.key)}" stands twice in this map; first in line ${first.line}`
        this.#found.error('E_DUP_KEY', made.place, message, { hint: 'take one of them out' })
        return []
      }
      seen.set(made.key, made.place)
      return [made]
    })
  }

  #entry({ key, value }: Pair): MapEntry | null {
    const node = key as YamlLibraryNode
    const place = this.#place(node?.range?.[0] ?? 0)
    if (!yaml.isScalar(node)) {
      const braces = this.#text.startsWith('{{', (node?.range?.[0] ?? 1) - 1)
      this.#found.error('E_YAML_KEY', place, 'a key must be a string', {
        hint: braces ? 'a value that begins with {{ must stand in quotes' : null,
      })
      return null
    }
    const name = String(node.source ?? node.value ?? '')
    if (name === '<<' && node.type === 'PLAIN') {
      this.#found.error('E_YAML_MERGE', place, 'the merge key "<<" is not supported', {
        hint: 'write the keys out, or put shared values into data/, whose maps are merged',
      })
      return null
    }
    const content =
      value === null || value === undefined || isNothing(value)
        ? this.#bare(place, '')
        : this.node(value as YamlLibraryNode, place)
    return { key: name, place, value: content }
  }

  #scalar(node: yaml.Scalar, place: Place): ScalarNode {
    const source = node.source ?? ''
    if (node.type === 'PLAIN') {
      const { value, problem } = resolvePlain(source)
      if (problem !== null) {
        this.#found.error('E_NUMBER_RANGE', place, `the number ${shorten(source)} is refused: ${problem}`, {
          hint: `write it in quotes if it is text: "${shorten(source)}"`,
        })
      }
      return { ...this.#bare(place, source), value }
    }
    const value = String(node.value ?? '')
    const made = { ...this.#bare(place, null), value }
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
      return { ...made, textColumn: place.column + 1 }
    return { ...made, textLine: place.line + 1, textColumn: this.#blockIndent(node.range?.[0] ?? 0) + 1 }
  }

  #blockIndent(offset: number): number {
    const body = this.#text.slice(this.#text.indexOf('\n', offset) + 1)
    const first = /^(?: *\n)*( *)/.exec(body)
    return first?.[1]?.length ?? 0
  }

  #bare(place: Place, source: string | null): ScalarNode {
    const { line: textLine, column: textColumn } = place
    return { kind: 'scalar', ...place, value: null, source, textLine, textColumn }
  }
}

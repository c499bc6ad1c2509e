import { MAX_EXPRESSION_PARTS } from '../../lib/limits.ts'
import { placeAt } from '../site/yaml-text.ts'
import { codeParts } from './code-parts.ts'

/**
 * A source in which a member that is missing is always an error.
 *
 * The engine's strict mode lets what is undefined pass in comparisons, in `~` and in most filters: a typo in
 * `facts.os.codenmae == "bookworm"` would be false, and one in `"/" ~ params.dri` would be empty. So each name is
 * asked for by `(p if p is defined else p.__undefined)`, which fails where and when it is reached, and only then.
 */
export type Strict = {
  readonly source: string
  /** From a place in `source` to the one in the original; both count from 1. */
  readonly place: (line: number, column: number) => { readonly line: number; readonly column: number }
  /** Where the original asks more of the engine than its stack bears; such a one must not reach it. */
  readonly crowded: { readonly line: number; readonly column: number } | null
}

export const UNDEFINED_MEMBER = '__undefined'

const NAMES = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.\])])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/g
// Asking whether it is there, or for something in its place, is what may be done with what is missing.
const MAY_BE_MISSING = /^\s*(?:is\s+(?:not\s+)?(?:defined|undefined)\b|\|\s*(?:default|d)\b)/
const CALL = /^\s*\(/
const ASSIGNMENT = /\bset\s+$/
// A statement brings names of its own; an expression only asks for them.
const EXPRESSION = /^(?:\{\{|\{%[-+]?\s*(?:if|elif)\b)/
const FILTER_OR_TEST = /(?:\||\bis|\bis\s+not)\s*$/
const KEYWORD_ARGUMENT = /^\s*=(?!=)/
const WORDS = new Set('and or not in is if else elif true false none True False None'.split(' '))

// No word and no sign that says what a name is stands farther before it.
const REACH = 64

type Edit = { readonly start: number; readonly path: string }

export const strictExpression = (source: string) =>
  apply(source, editsIn(source, 0, true), isCrowded(source) ? 0 : null)

export function strictTemplate(source: string): Strict {
  const edits: Edit[] = []
  let elifs = 0
  for (const { index, text } of codeParts(source)) {
    // Each stands inside the one before.
    if (ELIF.test(text)) elifs += 1
    if (isCrowded(text) || elifs > MAX_EXPRESSION_PARTS / 2) return apply(source, [], index)
    edits.push(...editsIn(text, index, EXPRESSION.test(text)))
  }
  return apply(source, edits, null)
}

const ELIF = /^\{%[-+]?\s*elif\b/
const EXPRESSION_PARTS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\w+|[^\s\w]/g

const isCrowded = (code: string) =>
  code.length > MAX_EXPRESSION_PARTS && (code.match(EXPRESSION_PARTS)?.length ?? 0) > MAX_EXPRESSION_PARTS

function editsIn(text: string, offset: number, isExpression: boolean): Edit[] {
  const edits: Edit[] = []
  for (const match of text.matchAll(NAMES)) {
    const [whole, path] = match
    if (path === undefined) continue
    const before = text.slice(Math.max(0, match.index - REACH), match.index)
    const after = text.slice(match.index + whole.length)
    if (MAY_BE_MISSING.test(after) || ASSIGNMENT.test(before)) continue
    // The last part of a call is a function or method, which is no value.
    const asked = CALL.test(after) ? path.slice(0, Math.max(0, path.lastIndexOf('.'))) : path
    const isName = asked.includes('.') || (isExpression && isVariable(asked, before, after))
    if (isName) edits.push({ start: offset + match.index, path: asked })
  }
  return edits
}

/** Whether a word by itself asks for a value: not one of the language, a filter, a test or the name of an argument. */
function isVariable(word: string, before: string, after: string): boolean {
  if (word === '' || WORDS.has(word)) return false
  return !FILTER_OR_TEST.test(before) && !KEYWORD_ARGUMENT.test(after)
}

type Moved = {
  readonly line: number
  readonly from: number
  readonly to: number
  readonly original: number
  readonly growth: number
}

function apply(source: string, edits: readonly Edit[], crowded: number | null): Strict {
  const at = crowded === null ? null : placeAt(source, crowded, '')
  if (edits.length === 0) return { source, place: (line, column) => ({ line, column }), crowded: at }
  const moved: Moved[] = []
  const made: string[] = []
  let done = 0
  let line = 1
  // Of the place that is reached, in the source and in what is made of it.
  let original = 1
  let from = 1
  for (const { start, path } of edits) {
    const before = source.slice(done, start)
    const lines = before.split('\n')
    const last = lines.at(-1) ?? ''
    line += lines.length - 1
    original = lines.length > 1 ? last.length + 1 : original + last.length
    from = lines.length > 1 ? last.length + 1 : from + last.length
    const replacement = `(${path} if ${path} is defined else ${path}.${UNDEFINED_MEMBER})`
    const growth = replacement.length - path.length
    moved.push({ line, from, to: from + replacement.length, original, growth })
    made.push(before, replacement)
    original += path.length
    from += replacement.length
    done = start + path.length
  }
  return {
    source: made.join('') + source.slice(done),
    place: (l, c) => ({ line: l, column: originalColumn(moved, l, c) }),
    crowded: at,
  }
}

function originalColumn(moved: readonly Moved[], line: number, column: number): number {
  let shift = 0
  for (const edit of moved) {
    if (edit.line !== line || column < edit.from) continue
    if (column < edit.to) return edit.original
    shift += edit.growth
  }
  return column - shift
}

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
}

export const UNDEFINED_MEMBER = '__undefined'

const PARTS =
  /\{#[\s\S]*?#\}|\{%[-+]?\s*raw\s*[-+]?%\}[\s\S]*?\{%[-+]?\s*endraw\s*[-+]?%\}|(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/g
const NAMES = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.\])])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/g
// Asking whether it is there, or for something in its place, is what may be done with what is missing.
const MAY_BE_MISSING = /^\s*(?:is\s+(?:not\s+)?(?:defined|undefined)\b|\|\s*(?:default|d)\b)/
const CALL = /^\s*\(/
const ASSIGNMENT = /\bset\s+$/
// A statement brings names of its own; an expression only asks for them.
const EXPRESSION = /^(?:\{\{|\{%[-+]?\s*(?:if|elif)\b)/
const STATEMENT_WORD = /^\{%[-+]?\s*$/
const FILTER_OR_TEST = /(?:\||\bis|\bis\s+not)\s*$/
const KEYWORD_ARGUMENT = /^\s*=(?!=)/
const WORDS = new Set('and or not in is if else elif true false none True False None'.split(' '))

type Edit = { readonly start: number; readonly path: string }

export const strictExpression = (source: string) => apply(source, editsIn(source, 0, true))

export function strictTemplate(source: string): Strict {
  const edits: Edit[] = []
  for (const part of source.matchAll(PARTS)) {
    const [, code] = part
    if (code !== undefined) edits.push(...editsIn(code, part.index, EXPRESSION.test(code)))
  }
  return apply(source, edits)
}

function editsIn(text: string, offset: number, isExpression: boolean): Edit[] {
  const edits: Edit[] = []
  for (const match of text.matchAll(NAMES)) {
    const [whole, path] = match
    if (path === undefined) continue
    const before = text.slice(0, match.index)
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
  if (word === '' || WORDS.has(word) || STATEMENT_WORD.test(before)) return false
  return !FILTER_OR_TEST.test(before) && !KEYWORD_ARGUMENT.test(after)
}

type Moved = {
  readonly line: number
  readonly from: number
  readonly to: number
  readonly original: number
  readonly growth: number
}

function apply(source: string, edits: readonly Edit[]): Strict {
  if (edits.length === 0) return { source, place: (line, column) => ({ line, column }) }
  const moved: Moved[] = []
  let made = ''
  let at = 0
  let line = 1
  for (const { start, path } of edits) {
    const before = source.slice(at, start)
    made += before
    line += before.split('\n').length - 1
    const replacement = `(${path} if ${path} is defined else ${path}.${UNDEFINED_MEMBER})`
    const from = columnOf(made, made.length)
    const growth = replacement.length - path.length
    moved.push({ line, from, to: from + replacement.length, original: columnOf(source, start), growth })
    made += replacement
    at = start + path.length
  }
  return {
    source: made + source.slice(at),
    place: (l, c) => ({ line: l, column: originalColumn(moved, l, c) }),
  }
}

const columnOf = (text: string, offset: number) => offset - text.lastIndexOf('\n', offset - 1)

function originalColumn(moved: readonly Moved[], line: number, column: number): number {
  let shift = 0
  for (const edit of moved) {
    if (edit.line !== line || column < edit.from) continue
    if (column < edit.to) return edit.original
    shift += edit.growth
  }
  return column - shift
}

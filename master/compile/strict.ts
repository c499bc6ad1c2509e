/**
 * A source in which a member that is missing is always an error.
 *
 * The engine's strict mode lets an undefined member pass in comparisons, in `~` and in most filters: a typo in
 * `facts.os.codenmae == "bookworm"` would be false, and one in `"/" ~ params.dri` would be empty. So each path is
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
const PATHS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.\])])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)/g
// Asking whether it is there, or for something in its place, is what may be done with what is missing.
const MAY_BE_MISSING = /^\s*(?:is\s+(?:not\s+)?(?:defined|undefined)\b|\|\s*(?:default|d)\b)/
const CALL = /^\s*\(/
const ASSIGNMENT = /\bset\s+$/

type Edit = { readonly start: number; readonly path: string }

export const strictExpression = (source: string) => apply(source, editsIn(source, 0))

export function strictTemplate(source: string): Strict {
  const edits: Edit[] = []
  for (const part of source.matchAll(PARTS)) {
    if (part[1] !== undefined) edits.push(...editsIn(part[1], part.index))
  }
  return apply(source, edits)
}

function editsIn(text: string, offset: number): Edit[] {
  const edits: Edit[] = []
  for (const match of text.matchAll(PATHS)) {
    const [whole, path] = match
    if (path === undefined) continue
    const after = text.slice(match.index + whole.length)
    if (MAY_BE_MISSING.test(after) || ASSIGNMENT.test(text.slice(0, match.index))) continue
    // The last part of a call is a method, which is no member.
    const asked = CALL.test(after) ? path.slice(0, path.lastIndexOf('.')) : path
    if (asked.includes('.')) edits.push({ start: offset + match.index, path: asked })
  }
  return edits
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

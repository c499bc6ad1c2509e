import { Failure } from './failure.ts'
import { matcher } from './pattern.ts'
import { bare, insert, instead, linesOf } from './text.ts'

/** One line of a file, as it is declared: see the state `line`. */
export type DeclaredLine = {
  readonly text: string | null
  readonly match: string | null
  readonly which: 'only' | 'first' | 'last' | 'all'
  readonly after: string | null
  readonly before: string | null
  readonly backrefs: boolean
  readonly absent: boolean
}

/** What is there of the declared line; a line that is as it should be reads as `text`. */
export function findLine(content: string, props: DeclaredLine): string[] {
  const lines = linesOf(content)
  const found = targets(lines, props)
  if (found.length === 0 && props.backrefs && !props.absent) return [props.text ?? '']
  const seen = found.map((i) => bare(lines[i] ?? ''))
  return [...new Set(seen.map((one) => (wanted(one, props) === one ? (props.text ?? one) : one)))]
}

/** The lines that the declaration is about, by index. */
function targets(lines: readonly string[], { text, match, which, absent }: DeclaredLine): number[] {
  const where = (is: (line: string) => boolean) => [...lines.keys()].filter((i) => is(bare(lines[i] ?? '')))
  const equal = where((one) => one === text)
  if (match === null) return equal
  const matches = matcher(match)
  const matching = where((one) => matches(one) !== null)
  if (absent) return [...new Set([...equal, ...matching])]
  // A pattern for the old line alone: once the new one stands, there is nothing to replace.
  if (which !== 'all' && equal.length > 0 && text !== null && matches(text) === null) return equal
  if (matching.length === 0) return equal
  if (which === 'first') return matching.slice(0, 1)
  return which === 'last' ? matching.slice(-1) : matching
}

/** What a line that is replaced should be. */
function wanted(found: string, { text, match, backrefs }: DeclaredLine): string {
  const groups = backrefs && match !== null ? matcher(match)(found) : null
  if (groups === null) return text ?? ''
  return (text ?? '').replace(/\\([1-9])/g, (_, n: string) => groups[Number(n)] ?? '')
}

/**
 * The content with the line as it is declared.
 *
 * Throws `Failure('not-found')` when there is no line beside which a new one is to go.
 */
export function editLine(path: string, content: string, props: DeclaredLine): string {
  const lines = linesOf(content)
  const found = new Set(targets(lines, props))
  if (props.absent) return lines.filter((_, i) => !found.has(i)).join('')
  const edited =
    found.size > 0
      ? lines.map((one, i) => (found.has(i) ? instead(one, wanted(bare(one), props)) : one))
      : insert(lines, place(path, lines, props), [props.text ?? ''])
  return edited.join('')
}

/** Where a new line goes. A place that is not there is no place: an end of the file may be another section. */
function place(path: string, lines: readonly string[], { after, before }: DeclaredLine): number {
  const anchor = after ?? before ?? 'EOF'
  if (before === 'BOF') return 0
  if (anchor === 'EOF') return lines.length
  const matches = matcher(anchor)
  const is = (one: string) => matches(bare(one)) !== null
  const index = after === null ? lines.findIndex(is) : lines.findLastIndex(is)
  if (index !== -1) return after === null ? index : index + 1
  throw new Failure('not-found', `no line of ${path} matches "${anchor}", beside which the new one goes`, {
    about: path,
    hint: 'mend the pattern, or leave it out to have the line at the end',
  })
}

import * as v from 'valibot'
import { MAX_MATCHED_CHARACTERS } from './limits.ts'

/**
 * Regular expressions that a site declares. Node's engine backtracks: `(a+)+$` takes ten seconds on 28 letters. So what
 * can take exponential time is refused before it reaches a host.
 */

const MAX_SOURCE = 500
const MAX_UNBOUNDED = 6
const UNBOUNDED = /^(?:[*+]|\{\d+,\})$/
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})$/

/** Why a pattern is refused, `null` when it is not. */
export function patternProblem(source: string): string | null {
  if (source.length > MAX_SOURCE) return `it has more than ${MAX_SOURCE} characters`
  try {
    new RegExp(source, 'u')
  } catch (error) {
    return `it is not a regular expression: ${String((error as Error).message).replace(/^.*: /, '')}`
  }
  const tokens = tokensOf(source.replace(/\\u\{?[0-9a-fA-F]+\}?|\\x[0-9a-fA-F]{2}/g, 'u'))
  if (tokens.some((token) => /^\\[1-9k]$/.test(token)))
    return 'it refers back to a group, which takes exponential time'
  if (tokens.some((token, i) => token === '(' && tokens[i + 1] === '?'))
    return 'it looks ahead or behind, or names a group'
  if (tokens.filter((token) => UNBOUNDED.test(token)).length > MAX_UNBOUNDED)
    return `it repeats without a bound more than ${MAX_UNBOUNDED} times`
  return repeatsAmbiguously(tokens)
    ? 'it repeats a group that repeats inside, which takes exponential time'
    : null
}

/** The pattern as a matcher of one line. Longer lines than `MAX_MATCHED_CHARACTERS` never match. */
export function matcher(source: string): (line: string) => RegExpExecArray | null {
  const regex = new RegExp(source, 'u')
  return (line) => (line.length > MAX_MATCHED_CHARACTERS ? null : regex.exec(line))
}

export const Pattern = v.pipe(
  v.string('a pattern is a string'),
  v.minLength(1, 'a pattern must not be empty: it would match every line'),
  v.check(
    (source) => patternProblem(source) === null,
    (issue) => `the pattern is refused: ${patternProblem(issue.input)}`,
  ),
)

function tokensOf(source: string): string[] {
  const tokens = source.match(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|\{\d+(?:,\d*)?\}|[\s\S]/gu) ?? []
  // A lazy quantifier matches the same texts.
  return tokens.filter((token, i) => !(token === '?' && QUANTIFIER.test(tokens[i - 1] ?? '')))
}

/** Whether a group is repeated that may match one text in two ways. */
function repeatsAmbiguously(tokens: readonly string[]): boolean {
  const opens: number[] = []
  for (const [i, token] of tokens.entries()) {
    if (token === '(' || token === '(?:') opens.push(i)
    if (token !== ')') continue
    const start = opens.pop() ?? 0
    const after = tokens[i + 1] ?? ''
    const repeated = QUANTIFIER.test(after) && after !== '?'
    if (repeated && !isUnambiguous(tokens.slice(start + 1, i))) return true
  }
  return false
}

/** Nothing repeats inside, or it begins with a character that nothing after it matches, as `\.[a-z]+` does. */
function isUnambiguous(body: readonly string[]): boolean {
  if (body.includes('|')) return false
  if (!body.some((token) => QUANTIFIER.test(token))) return true
  const [first = '', ...rest] = body
  if (!/^(?:\\[^a-zA-Z0-9]|[^\\[(.^$])$/u.test(first) || QUANTIFIER.test(rest[0] ?? '')) return false
  const character = first.replace('\\', '')
  return rest
    .filter((token) => !QUANTIFIER.test(token) && !/^(?:\(\?:|[()])$/.test(token))
    .every((token) => !new RegExp(`^(?:${token})$`, 'u').test(character))
}

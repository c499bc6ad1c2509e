/** A pattern compiled to match whole values, or a sentence that says why it is refused. */
export type Pattern =
  | { readonly regex: RegExp; readonly problem: null }
  | { readonly regex: null; readonly problem: string }

/** Values longer than this are not matched: what is left of backtracking stays small. */
export const MAX_PATTERN_VALUE = 256
const MAX_PATTERN = 500
const MAX_UNBOUNDED = 6

/**
 * Takes only patterns that can't run away: no backreferences, no lookaround, no repeated group that may match one text
 * in two ways. The engine of Node backtracks: `(a+)+$` takes ten seconds on 28 letters.
 */
export function compilePattern(source: string): Pattern {
  const refuse = (problem: string): Pattern => ({ regex: null, problem })
  if (source.length > MAX_PATTERN) return refuse(`it has more than ${MAX_PATTERN} characters`)
  const bare = source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')
  let regex: RegExp
  try {
    regex = new RegExp(`^(?:${bare})$`, 'u')
  } catch {
    return refuse('it is not a regular expression')
  }
  const shape = bare.replace(/\\u\{?[0-9a-fA-F]+\}?|\\x[0-9a-fA-F]{2}/g, 'u')
  if (/\\[1-9]|\\k</.test(shape)) return refuse('it refers back to a group, which takes exponential time')
  if (/\(\?(?!:)/.test(shape)) return refuse('it looks ahead or behind, or names a group')
  const tokens = tokenise(shape)
  if (tokens.filter((token) => UNBOUNDED.test(token)).length > MAX_UNBOUNDED) {
    return refuse(`it repeats without a bound more than ${MAX_UNBOUNDED} times`)
  }
  if (hasAmbiguousRepeat(tokens))
    return refuse('it repeats a group that repeats inside, which takes exponential time')
  return { regex, problem: null }
}

const UNBOUNDED = /^(?:[*+]|\{\d+,\})$/
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})$/

function tokenise(source: string): string[] {
  const tokens = source.match(/\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|\{\d+(?:,\d*)?\}|[\s\S]/gu) ?? []
  // A lazy quantifier matches the same texts.
  return tokens.filter((token, i) => !(token === '?' && QUANTIFIER.test(tokens[i - 1] ?? '')))
}

function hasAmbiguousRepeat(tokens: readonly string[]): boolean {
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

/** Safe to repeat: nothing repeats inside, or it begins with a letter that nothing after it matches, as `\.[a-z]+` does. */
function isUnambiguous(body: readonly string[]): boolean {
  if (body.some((token) => token === '|')) return false
  if (!body.some((token) => QUANTIFIER.test(token))) return true
  const [first = '', ...rest] = body
  if (!/^(?:\\[^a-zA-Z0-9]|[^\\[(.^$])$/u.test(first) || QUANTIFIER.test(rest[0] ?? '')) return false
  const letter = first.replace('\\', '')
  return rest
    .filter((token) => !QUANTIFIER.test(token) && !/^\(|\)$/.test(token))
    .every((token) => !new RegExp(`^(?:${token})$`, 'u').test(letter))
}

import { patternProblem } from '../../lib/pattern.ts'

/** A pattern compiled to match whole values, or a sentence that says why it is refused. */
export type Pattern =
  | { readonly regex: RegExp; readonly problem: null }
  | { readonly regex: null; readonly problem: string }

/** Values longer than this are not matched: what is left of backtracking stays small. */
export const MAX_PATTERN_VALUE = 256

/** Takes only patterns that can't run away. */
export function compilePattern(source: string): Pattern {
  const bare = source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')
  const problem = patternProblem(bare)
  if (problem !== null) return { regex: null, problem }
  return { regex: new RegExp(`^(?:${bare})$`, 'u'), problem: null }
}

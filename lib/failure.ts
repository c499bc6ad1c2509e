/** The closed list of what goes wrong. */
export type FailureCode =
  | 'invalid'
  | 'not-found'
  | 'conflict'
  /** The caller is known and may not. */
  | 'denied'
  /** The caller is not known, or no longer. */
  | 'unauthenticated'
  /** A limit is met. */
  | 'exhausted'
  | 'unavailable'
  | 'timeout'
  | 'internal'

/** What went wrong in words for a person, with a code for a program. */
export class Failure extends Error {
  readonly code: FailureCode
  /** What it is about: a resource, a host, a file. */
  readonly about: string | undefined
  /** What to do, when that is known. */
  readonly hint: string | undefined

  constructor(
    code: FailureCode,
    message: string,
    { about, hint, cause }: { about?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.name = 'Failure'
    this.code = code
    this.about = about
    this.hint = hint
  }
}

/** The message of anything that was thrown, for a sentence that adds context. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

import { Failure, type FailureCode } from '../lib/failure.ts'
import { isDue, type Outcome, summarise } from '../lib/outcome.ts'

/** What each exit code means. Where several hold, 2, 4 and 8 add up: 6 is changes that are due and a failure. */
export const EXIT = {
  done: 0,
  /** It could not run. */
  failed: 1,
  /** Changes are due; lint found warnings with `--strict`. */
  due: 2,
  resourceFailed: 4,
  unreachable: 8,
  usage: 64,
  interrupted: 130,
} as const

/** Words on the command line that make no sense. */
export class Usage extends Error {
  readonly hint: string | null

  constructor(message: string, hint: string | null = null) {
    super(message)
    this.name = 'Usage'
    this.hint = hint
  }
}

/** The one table from what went wrong to how the process ends. */
const CODES: Readonly<Record<FailureCode, number>> = {
  invalid: EXIT.failed,
  'not-found': EXIT.failed,
  conflict: EXIT.failed,
  denied: EXIT.failed,
  unauthenticated: EXIT.failed,
  exhausted: EXIT.failed,
  unavailable: EXIT.failed,
  timeout: EXIT.failed,
  internal: EXIT.failed,
}

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof Usage) return EXIT.usage
  return thrown instanceof Failure ? CODES[thrown.code] : EXIT.failed
}

/** How a run of resources ends. */
export function exitCodeOfRun(outcomes: readonly Outcome[], interrupted: boolean): number {
  if (interrupted) return EXIT.interrupted
  const { failed } = summarise(outcomes)
  return (outcomes.some(isDue) ? EXIT.due : 0) + (failed > 0 ? EXIT.resourceFailed : 0)
}

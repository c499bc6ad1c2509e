import { Failure, reasonOf } from '../lib/failure.ts'
import type { Outcome } from '../lib/outcome.ts'
import { CommandFailure } from './exec.ts'
import type { Due } from './pass.ts'

type Failed = Extract<Outcome, { status: 'failed' }>

/** What became of a resource that could not be settled. */
export function failed(
  { resource, changes }: Pick<Due, 'resource' | 'changes'>,
  failure: Failure,
  started: number,
): Failed {
  return {
    id: resource.id,
    status: 'failed',
    code: failure.code,
    reason: failure.message,
    hint: failure.hint ?? null,
    changes,
    steps: [],
    ended: failure instanceof CommandFailure ? failure.ended : null,
    left: [],
    ms: Math.round(performance.now() - started),
  }
}

/** The one place at which what a resource throws becomes a value. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const code = (thrown as NodeJS.ErrnoException).code
  if (code !== undefined && code in HOST_ERRORS) {
    const hint = hintOf(code)
    // The names in a message of Node are handles of the file engine, which say nothing to anybody.
    const reason = reasonOf(thrown).replace(/ '\/proc\/self\/fd\/.*$/, '')
    return new Failure('unavailable', reason, { cause: thrown, ...(hint && { hint }) })
  }
  return new Failure('internal', reasonOf(thrown), { cause: thrown })
}

/** As others may see it. Without the cause: that may hold what this does not. */
export function scrubbed(error: unknown, scrub: (text: string) => string): Failure {
  const { code = 'internal', about, hint } = error instanceof Failure ? error : {}
  return new Failure(code, scrub(reasonOf(error)), {
    ...(about !== undefined && { about: scrub(about) }),
    ...(hint !== undefined && { hint: scrub(hint) }),
  })
}

/** What to look at when the kernel refuses something. */
export const hintOf = (code: string): string | undefined => HOST_ERRORS[code]

const HOST_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: see "df -h" and "df -i"',
  EDQUOT: 'a quota is used up: see "quota -v"',
  EROFS: 'the file system is read-only: see "dmesg" and "findmnt"',
  EIO: 'the disk does not answer as it should: see "dmesg"',
  EPERM: 'the file may be immutable (see "lsattr"), or drover does not run as root',
  EACCES: 'drover does not run as root',
  ETXTBSY: 'the program is running',
}

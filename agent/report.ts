import { Failure, reasonOf } from '../lib/failure.ts'
import { fingerprint } from '../lib/fingerprint.ts'
import { MAX_REPORT_BYTES } from '../lib/limits.ts'
import { type Contested, isDue, type Outcome, type RunResult, summarise } from '../lib/outcome.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Problem } from '../proto/gen/drover/v1/Problem.ts'
import type { ReportHead } from '../proto/gen/drover/v1/ReportHead.ts'
import type { Report } from './spool.ts'

/** What is known of a run before it begins. */
export type Begun = Required<
  Pick<ReportHead, 'run_id' | 'kind' | 'trigger' | 'request_id' | 'catalog_sha256' | 'started_at'>
>

/** What a run came to, as it is kept and sent. */
export function reportOf(
  begun: Begun,
  host: string,
  { outcomes, owed, ms }: RunResult,
  problem: Problem | null,
  more: More = {},
): Report {
  // Who was told of drift, or undoes a run, looked at some resources only, and says at which.
  const isPartial = begun.trigger === 'RUN_TRIGGER_DRIFT'
  const told =
    isPartial || more.undo !== undefined
      ? outcomes
      : outcomes.filter(({ status, stays }) => status !== 'settled' || stays !== undefined)
  const body = bodyOf(told, owed, more)
  const due = outcomes.some(isDue)
  const head = {
    ...begun,
    duration_ms: ms,
    counts: summarise(outcomes),
    fingerprint: begun.kind === 'RUN_KIND_CHECK' && due && !isPartial ? fingerprint(host, outcomes) : '',
    body_sha256: sha256(body),
    body_bytes: body.length,
    problem,
  }
  return { head, body }
}

/** What a body says beside what became of resources. */
type More = {
  readonly contested?: readonly Contested[]
  /** The run that was undone, and whether all is known of what it changed. */
  readonly undo?: { readonly runId: string; readonly whole: boolean }
}

/** A run that could not be made, or not to its end, so that nothing is known of its resources. */
export const problemReport = (begun: Begun, problem: Problem, ms: number): Report =>
  reportOf(begun, '', { outcomes: [], owed: [], held: null, ms }, problem)

export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Failure) {
    const about = thrown.about && !thrown.message.includes(thrown.about) ? `${thrown.about}: ` : ''
    return { code: thrown.code, reason: `${about}${thrown.message}`, hint: thrown.hint ?? '' }
  }
  return {
    code: 'internal',
    reason: `internal error: ${reasonOf(thrown)}`,
    hint: "see the agent's log on the host",
  }
}

/** The more is left out, the longer it would be. */
function bodyOf(told: readonly Outcome[], owed: RunResult['owed'], more: More): Buffer {
  let body = Buffer.alloc(0)
  for (const shorten of [same, withoutDiffs, withoutWork]) {
    body = encode(told.map(shorten), owed, more)
    if (body.length <= MAX_REPORT_BYTES) return body
  }
  // Names of paths alone may still be too much; what failed is told first.
  const first = [...told].sort((a, b) => Number(b.status === 'failed') - Number(a.status === 'failed'))
  const share = MAX_REPORT_BYTES / body.length / 2
  return encode(first.slice(0, Math.floor(first.length * share)).map(withoutWork), [], more)
}

const encode = (outcomes: readonly Outcome[], owed: RunResult['owed'], { contested = [], undo }: More) =>
  Buffer.from(JSON.stringify({ outcomes, owed, ...(contested.length > 0 && { contested }), undo }))

const same = (outcome: Outcome) => outcome

function withoutDiffs(outcome: Outcome): Outcome {
  if (!('previews' in outcome)) return outcome
  const previews = outcome.previews.map((one) =>
    one.diff === null ? one : { ...one, diff: null, note: 'left out: the report would be too long' },
  )
  return { ...outcome, previews, steps: [] }
}

function withoutWork(outcome: Outcome): Outcome {
  if ('previews' in outcome) return { ...outcome, previews: [], steps: [], changes: [] }
  if (outcome.status !== 'failed') return outcome
  return { ...outcome, changes: [], steps: [], left: [], ended: null, reason: outcome.reason.slice(0, 200) }
}

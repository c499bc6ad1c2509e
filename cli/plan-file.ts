import { closeSync, fchmodSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'
import { Failure, reasonOf } from '../lib/failure.ts'
import { fingerprint, isFingerprint, type Moved, movedBetween, movedSince } from '../lib/fingerprint.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Report } from './run-report.ts'

const MAX_PLAN_BYTES = 256 * 1024 * 1024

/** Keeps a whole plan for `apply --plan FILE`. It may show the text of files, so nobody else may read it. */
export function writePlan(path: string, report: Report): void {
  try {
    const file = openSync(path, 'w', 0o600)
    try {
      // One that is there already keeps the mode that it has, and its content is gone by now.
      if (fstatSync(file).isFile()) fchmodSync(file, 0o600)
      writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new Failure('unavailable', `the plan can't be written: ${reasonOf(error)}`, { about: path })
  }
}

/** A plan that was seen before, as a fingerprint or whole. */
export type Seen = {
  /** What moved since; `null` when nothing did. */
  moved(host: string, now: readonly Outcome[]): Moved | null
}

// Only what is compared has to be right; a plan says nothing about what is done.
const PlanFile = v.object({
  version: v.pipe(v.string(), v.regex(/^1\./)),
  host: v.string(),
  mode: v.literal('check'),
  outcomes: v.array(v.looseObject({ id: v.string(), status: v.string() })),
  fingerprint: v.string(),
})

/** What `--plan` names: a fingerprint, or a file that `plan --out` wrote. */
export function seenPlan(word: string): Seen {
  if (isFingerprint(word)) return { moved: (host, now) => movedSince(word, host, now) }
  const kept = readPlan(word)
  return {
    moved(host, now) {
      if (host !== kept.host) {
        throw new Failure('conflict', `the plan is for host ${kept.host}, not for ${host}`, { about: word })
      }
      return kept.fingerprint === fingerprint(host, now) ? null : movedBetween(kept.outcomes, now)
    },
  }
}

function readPlan(path: string): { host: string; outcomes: readonly Outcome[]; fingerprint: string } {
  const hint = 'give the fingerprint that "plan" ends with, or a file that "plan --out FILE" wrote'
  const refuse = (why: string, cause?: unknown) =>
    new Failure('invalid', `--plan "${path}": ${why}`, { hint, cause })
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isFile()) throw refuse('neither a fingerprint nor a file')
  if (stat.size > MAX_PLAN_BYTES) throw refuse(`the file has more than ${MAX_PLAN_BYTES} bytes`)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refuse('the file is no JSON', error)
  }
  const plan = v.safeParse(PlanFile, value)
  if (!plan.success) throw refuse('the file holds no plan of this version')
  const { host, outcomes } = plan.output
  return { host, outcomes: outcomes as unknown as Outcome[], fingerprint: plan.output.fingerprint }
}

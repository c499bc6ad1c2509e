import { Failure } from '../../lib/failure.ts'
import type { ChangeRow as Changed } from '../../proto/gen/drover/v1/ChangeRow.ts'
import type { Evidence } from '../../proto/gen/drover/v1/Evidence.ts'
import type { ReportHead } from '../../proto/gen/drover/v1/ReportHead.ts'
import type { RunRow as Row } from '../../proto/gen/drover/v1/RunRow.ts'
import type { ChangeRow, RunRow } from '../store/tables.ts'
import type { Serving } from './serving.ts'

const KINDS = { check: 'RUN_KIND_CHECK', apply: 'RUN_KIND_APPLY' } as const
const TRIGGERS = {
  request: 'RUN_TRIGGER_REQUEST',
  sweep: 'RUN_TRIGGER_SWEEP',
  catalog: 'RUN_TRIGGER_CATALOG',
  boot: 'RUN_TRIGGER_BOOT',
  drift: 'RUN_TRIGGER_DRIFT',
  undo: 'RUN_TRIGGER_UNDO',
} as const

/** A run as operators see it. */
export function runRow(run: RunRow, host: string): Row {
  const [requested_by, commit] = [run.requested_by ?? '', run.commit ?? '']
  return { head: headOf(run), host, received_at: run.received_at, requested_by, commit }
}

function headOf(run: RunRow): ReportHead {
  const problem = run.problem === null ? null : JSON.parse(run.problem)
  return {
    run_id: run.run_id,
    kind: KINDS[run.kind],
    trigger: TRIGGERS[run.trigger],
    request_id: run.request_id ?? '',
    catalog_sha256: run.catalog_sha256 ?? '',
    started_at: run.started_at,
    duration_ms: run.duration_ms,
    counts: run,
    fingerprint: run.fingerprint ?? '',
    body_sha256: run.body_sha256,
    body_bytes: run.body_bytes,
    problem: problem && { ...problem, hint: problem.hint ?? '' },
    unchanged_runs: run.unchanged_runs,
    dropped_reports: run.dropped_reports,
    evidence: evidenceOf(run),
  }
}

/** What happened around the time of a drift. */
export const evidenceOf = ({ evidence }: Pick<RunRow, 'evidence'>): Evidence[] =>
  evidence === null ? [] : JSON.parse(evidence)

/** What a run changed, as operators see it. */
export function changeRow(one: ChangeRow & Pick<RunRow, 'evidence'>, host: string): Changed {
  return {
    host,
    at: one.at,
    run_id: one.run_id,
    resource: one.resource,
    status: one.status,
    changes: Buffer.from(one.changes),
    diff: one.diff,
    origin: one.origin,
    commit: one.commit ?? '',
    requested_by: one.requested_by ?? '',
    reason: one.reason ?? '',
    evidence: evidenceOf(one),
  }
}

/** The one run whose id begins so. Throws `Failure`. */
export async function foundRun({ store }: Pick<Serving, 'store'>, start: string): Promise<RunRow> {
  if (!/^[0-9a-f-]{4,36}$/.test(start))
    throw new Failure('invalid', 'a run has at least 4 hexadecimal digits', { about: start })
  const [run, other] = await store.runs.beginning(start)
  if (run === undefined) throw new Failure('not-found', 'there is no such run', { about: start })
  if (other !== undefined)
    throw new Failure('invalid', 'several runs begin so; give more of it', { about: start })
  return run
}

import type { FailureCode } from '../../lib/failure.ts'
import type { Summary } from '../../lib/outcome.ts'
import type { Db, RunTable } from './tables.ts'

/** What a report says of its run, as `ReportHead` of the proto, checked. */
export type Head = Pick<
  RunTable,
  | 'run_id'
  | 'kind'
  | 'trigger'
  | 'request_id'
  | 'catalog_sha256'
  | 'started_at'
  | 'duration_ms'
  | 'fingerprint'
  | 'body_sha256'
  | 'unchanged_runs'
  | 'dropped_reports'
> & {
  counts: Summary
  problem: { code: FailureCode; reason: string; hint: string | null } | null
}

/** What the master knows about a run beside its report. */
export type Circumstances = {
  received_at: number
  /** Of the catalog that the run was about. */
  commit: string | null
  /** Who asked for the run; `null`: the agent itself. */
  requested_by: string | null
  /** For each id of a resource, "role  file:line". */
  origins: Readonly<Record<string, string>>
}

export type Report = { hostId: string; head: Head; body: Uint8Array; circumstances: Circumstances }

export const writes = {
  /**
   * A report, all of it or nothing: its run, what it changed, what differs now, and the counters. Once: the same run
   * again is `already`. The same run with another body, or of another host, is Failure('conflict'), and a body that
   * can't be read is Failure('invalid').
   */
  async record(_db: Db, _report: Report): Promise<'recorded' | 'already'> {
    throw new Error('not built yet')
  },
}

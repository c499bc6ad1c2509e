import { Failure, type FailureCode } from '../../lib/failure.ts'
import type { Summary } from '../../lib/outcome.ts'
import { sha256 } from '../../lib/sha256.ts'
import { reads as bodies, putKnown } from './bodies.ts'
import { recordFights } from './contested.ts'
import { type Origins, originsIn } from './origins.ts'
import { countRepairs } from './repairs.ts'
import { contentOf, type Reported } from './report-body.ts'
import { recordDrift } from './report-drift.ts'
import { insertion, statement } from './statement.ts'
import type { ChangeTable, Db, HostRow, RunCountTable, RunTable } from './tables.ts'

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
  evidence: readonly { at: number; kind: string; text: string }[]
}

/** What the master knows about a run beside its report. */
export type Circumstances = {
  received_at: number
  /** Of the catalog that the run was about. */
  commit: string | null
  /** That catalog is the one that the host should have now. */
  is_current: boolean
  /** Who asked for the run; `null`: the agent itself. */
  requested_by: string | null
}

/** What a report tells of resources, and where these are declared. */
export type Told = { readonly outcomes: readonly Reported[]; readonly origins: Origins }

export type Report = { hostId: string; head: Head; body: Uint8Array; circumstances: Circumstances }

const DAY_MS = 24 * 3_600_000

export const writes = {
  /**
   * A report, all of it or nothing: its run, what it changed, what differs now, and the counters. Once: the same run
   * again is `already`. The same run with another body, or of another host, is Failure('conflict'), and a body that
   * can't be read is Failure('invalid').
   */
  async record(db: Db, report: Report): Promise<'recorded' | 'already'> {
    const { hostId, head, body, circumstances } = report
    if (sha256(body) !== head.body_sha256)
      throw new Failure('invalid', 'the body of the report is not what its head says', { about: head.run_id })
    const { outcomes, contested } = contentOf(body)
    const {
      rows: [host],
    } = await newestRun(db, { hostId })
    if (host === undefined) throw new Failure('not-found', 'no such host', { about: hostId })
    // A clock that is ahead does not put a run after all that will come.
    const at = Math.min(head.started_at, circumstances.received_at)
    if (!(await insertRun(db, report, at))) return 'already'
    await putKnown(db, head.body_sha256, body, circumstances.received_at)
    const origins = await originsOf(db, head, outcomes)
    await insertChanges(db, report, { outcomes, origins }, at)
    await countRepairs(db, report, { outcomes, origins }, at)
    const isNewest = isAfter(host, at, head.run_id)
    // An undo says nothing of what the catalog declares.
    const isUndo = head.trigger === 'undo'
    if (isNewest && !isUndo) await recordDrift(db, report, { outcomes, origins }, at)
    if (isNewest && head.problem === null) await recordFights(db, hostId, contested)
    await count(db, report)
    // How the host stands as a whole is for a run to say that looked at all of it.
    await updateHost(db, report, isNewest && !isUndo && head.trigger !== 'drift' ? at : null)
    return 'recorded'
  },
}

const newestRun = statement((db, { hostId }: { hostId: string }) =>
  db.selectFrom('hosts').select(['run_id', 'run_started_at']).where('id', '=', hostId),
)

/** Reports may come late and in any order: only the newest run says what is so now. */
const isAfter = (
  { run_started_at, run_id }: Pick<HostRow, 'run_id' | 'run_started_at'>,
  at: number,
  runId: string,
) => run_started_at === null || at > run_started_at || (at === run_started_at && runId > (run_id ?? ''))

const insertRow = insertion((db, rows: readonly RunTable[]) =>
  db
    .insertInto('runs')
    .values(rows)
    .onConflict((on) => on.column('run_id').doNothing()),
)

/** False when it is there already, as it is. */
async function insertRun(
  db: Db,
  { hostId, head, body, circumstances }: Report,
  at: number,
): Promise<boolean> {
  const { counts, problem, evidence, ...said } = head
  const row = {
    ...said,
    ...counts,
    host_id: hostId,
    started_at: at,
    received_at: circumstances.received_at,
    commit: circumstances.commit,
    requested_by: circumstances.requested_by,
    body_bytes: body.length,
    problem: problem === null ? null : JSON.stringify(problem),
    evidence: evidence.length === 0 ? null : JSON.stringify(evidence),
    unchanged_at: isUnchanged(head) && !(await isFirst(db, hostId, head)) ? circumstances.received_at : null,
  }
  if ((await insertRow(db, [row])) === 1n) return true
  const known = await db
    .selectFrom('runs')
    .select(['host_id', 'body_sha256'])
    .where('run_id', '=', head.run_id)
    .executeTakeFirst()
  if (known?.host_id === hostId && known.body_sha256 === head.body_sha256) return false
  throw new Failure('conflict', 'another report has the id of this run', { about: head.run_id })
}

const lastApply = statement((db, { hostId }: { hostId: string }) =>
  db
    .selectFrom('runs')
    .select('catalog_sha256')
    .where('host_id', '=', hostId)
    .where('kind', '=', 'apply')
    .where('problem', 'is', null)
    .orderBy('received_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(1),
)

/** An apply of another catalog than the one before tells since when the host has it, even where it changed nothing. */
async function isFirst(db: Db, hostId: string, { kind, catalog_sha256 }: Head): Promise<boolean> {
  if (kind !== 'apply' || catalog_sha256 === null) return false
  return (await lastApply(db, { hostId })).rows[0]?.catalog_sha256 !== catalog_sha256
}

const insertRows = insertion((db, rows: readonly ChangeTable[]) => db.insertInto('changes').values(rows))

async function insertChanges(
  db: Db,
  { hostId, head, circumstances }: Report,
  { outcomes, origins }: Told,
  at: number,
): Promise<void> {
  const rows: ChangeTable[] = []
  for (const outcome of outcomes) {
    const { status } = outcome
    if (status !== 'changed' && status !== 'failed') continue
    rows.push({
      host_id: hostId,
      at,
      run_id: head.run_id,
      place: rows.length,
      resource: outcome.id,
      status,
      changes: JSON.stringify(outcome.changes),
      diff: diffOf(outcome),
      origin: origins.get(outcome.id) ?? '',
      commit: circumstances.commit,
      requested_by: circumstances.requested_by,
      reason: outcome.reason ?? null,
    })
  }
  await insertRows(db, rows)
}

export const diffOf = ({ previews }: Reported) =>
  previews.flatMap(({ diff }) => (typeof diff === 'string' ? [diff] : [])).join('\n')

const NONE: Origins = new Map()

/** Most runs find nothing to tell of any resource. */
async function originsOf(db: Db, { catalog_sha256 }: Head, outcomes: readonly Reported[]): Promise<Origins> {
  if (catalog_sha256 === null || outcomes.length === 0) return NONE
  const catalog = await bodies.get(db, catalog_sha256)
  return catalog === undefined ? NONE : originsIn(catalog)
}

/** Nothing was to be done, and nobody asked: such a run is counted, and its row does not stay. */
const isUnchanged = ({ counts, problem, request_id }: Head) =>
  counts.planned + counts.changed + counts.failed + counts.skipped === 0 && !problem && !request_id

const addRuns = statement((db, count: RunCountTable) =>
  db
    .insertInto('run_counts')
    .values(count)
    .onConflict((on) =>
      on
        .columns(['host_id', 'day_at'])
        .doUpdateSet((eb) => ({ runs: eb('run_counts.runs', '+', eb.ref('excluded.runs')) })),
    ),
)

async function count(db: Db, { hostId, head, circumstances }: Report): Promise<void> {
  const runs = head.unchanged_runs + (isUnchanged(head) ? 1 : 0)
  if (runs === 0) return
  const { received_at } = circumstances
  await addRuns(db, { host_id: hostId, day_at: received_at - (received_at % DAY_MS), runs })
}

const updateRow = statement(
  (db, { id, dropped_reports, ...set }: Partial<HostRow> & Pick<HostRow, 'id' | 'dropped_reports'>) =>
    db
      .updateTable('hosts')
      .set((eb) => ({ ...set, dropped_reports: eb('dropped_reports', '+', dropped_reports) }))
      .where('id', '=', id),
)

/** `at` is `null` for a run that came late. */
async function updateHost(db: Db, { hostId, head, circumstances }: Report, at: number | null): Promise<void> {
  await updateRow(db, {
    id: hostId,
    last_seen_at: circumstances.received_at,
    dropped_reports: head.dropped_reports,
    ...(at !== null && newestOf(head, at)),
    ...(hasCatalog(head, circumstances, at !== null) && { catalog_sha256: head.catalog_sha256 }),
  })
}

/**
 * Whether the host has the catalog of this run. One that the agent refused has its report too; a late report tells
 * only that the host has got as far as what is right now.
 */
const hasCatalog = (
  { kind, problem, catalog_sha256 }: Head,
  { is_current }: Circumstances,
  isNewest: boolean,
) => problem === null && catalog_sha256 !== null && (isNewest || (kind === 'apply' && is_current))

const newestOf = ({ run_id, kind, duration_ms, counts, problem }: Head, at: number) => ({
  run_id,
  run_kind: kind,
  run_started_at: at,
  run_ended_at: at + duration_ms,
  run_problem: problem === null ? null : problem.reason,
  ...counts,
})

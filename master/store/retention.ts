import type { ExpressionBuilder } from 'kysely'
import { RETENTION_ROWS_PER_COMMIT } from '../../lib/limits.ts'
import type { Db, Tables } from './tables.ts'

/** How long what is kept no more was kept, in milliseconds. */
export type Keep = {
  /** Bodies of reports, content that no catalog names any more, and who asked for runs that were never reported. */
  readonly bodiesMs: number
  /** Runs with what they changed, drift that is settled, facts and catalogs that are no longer so, and revisions. */
  readonly changesMs: number
  readonly auditMs: number
  /** Plans that somebody may still want to apply. */
  readonly plansMs: number
}

const DAY_MS = 24 * 3_600_000
export const KEEP: Keep = {
  bodiesMs: 30 * DAY_MS,
  changesMs: 365 * DAY_MS,
  auditMs: 3 * 365 * DAY_MS,
  plansMs: 7 * DAY_MS,
}
// Runs without a change are in the counters; their rows only tell a report that comes twice.
const UNCHANGED_MS = 7 * DAY_MS
// How fast drift was put right is asked of the last day; there is a row for each hour, type and bound.
const REPAIRS_MS = 7 * DAY_MS

type Sweep = { now: number; keep: Keep }
type Deleted = Promise<{ numDeletedRows: bigint }>
const LIMIT = RETENTION_ROWS_PER_COMMIT
// Each may have many changes, which go with it.
const RUNS = 50

async function runs(db: Db, { now, keep }: Sweep): Deleted {
  const old = await db
    .selectFrom('runs')
    .select(['run_id', 'host_id', 'started_at'])
    .where('received_at', '<', now - keep.changesMs)
    .limit(RUNS)
    .execute()
  for (const run of old) {
    await db
      .deleteFrom('changes')
      .where('host_id', '=', run.host_id)
      .where('at', '=', run.started_at)
      .where('run_id', '=', run.run_id)
      .execute()
    await db.deleteFrom('runs').where('run_id', '=', run.run_id).execute()
  }
  return { numDeletedRows: BigInt(old.length) }
}

const unchangedRuns = (db: Db, { now }: Sweep): Deleted =>
  db
    .deleteFrom('runs')
    .where('run_id', 'in', (eb) =>
      eb
        .selectFrom('runs')
        .select('run_id')
        .where('unchanged_at', '<', now - UNCHANGED_MS)
        .limit(LIMIT),
    )
    .executeTakeFirstOrThrow()

const runCounts = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('run_counts')
    .where((eb) =>
      eb(
        eb.refTuple('host_id', 'day_at'),
        'in',
        eb
          .selectFrom('run_counts')
          .select(['host_id', 'day_at'])
          .where('day_at', '<', now - keep.changesMs)
          .limit(LIMIT)
          .$asTuple('host_id', 'day_at'),
      ),
    )
    .executeTakeFirstOrThrow()

/** What is counted since ever stays. */
const repairs = (db: Db, { now }: Sweep): Deleted =>
  db
    .deleteFrom('repairs')
    .where('hour_at', '>', 0)
    .where('hour_at', '<', now - REPAIRS_MS)
    .executeTakeFirstOrThrow()

const drift = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('drift')
    .where((eb) =>
      eb(
        eb.refTuple('host_id', 'resource', 'since'),
        'in',
        eb
          .selectFrom('drift')
          .select(['host_id', 'resource', 'since'])
          .where('settled_at', '<', now - keep.changesMs)
          .limit(LIMIT)
          .$asTuple('host_id', 'resource', 'since'),
      ),
    )
    .executeTakeFirstOrThrow()

/** Facts that were followed by others before the time from which they are kept. */
const facts = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('facts')
    .where('since', '<', now - keep.changesMs)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('facts as later')
          .select('later.since')
          .whereRef('later.host_id', '=', 'facts.host_id')
          .whereRef('later.since', '>', 'facts.since')
          .where('later.since', '<=', now - keep.changesMs),
      ),
    )
    .executeTakeFirstOrThrow()

/** The newest good one stays, however old: it is what the site is. */
const revisions = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('revisions')
    .where('found_at', '<', now - keep.changesMs)
    .where('commit', 'not in', (eb) =>
      eb
        .selectFrom('revisions')
        .select('commit')
        .where('status', '=', 'good')
        .orderBy('found_at', 'desc')
        .limit(1),
    )
    .executeTakeFirstOrThrow()

const pastCatalogs = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('past_catalogs')
    .where((eb) =>
      eb(
        eb.refTuple('host', 'sha256'),
        'in',
        eb
          .selectFrom('past_catalogs')
          .select(['host', 'sha256'])
          .where('replaced_at', '<', now - keep.changesMs)
          .limit(LIMIT)
          .$asTuple('host', 'sha256'),
      ),
    )
    .executeTakeFirstOrThrow()

const invites = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('invites')
    .where('expires_at', '<', now - keep.changesMs)
    .executeTakeFirstOrThrow()

const plans = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('plans')
    .where('fingerprint', 'in', (eb) =>
      eb
        .selectFrom('plans')
        .select('fingerprint')
        .where('created_at', '<', now - keep.plansMs)
        .limit(LIMIT),
    )
    .executeTakeFirstOrThrow()

const requests = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('requests')
    .where((eb) =>
      eb(
        eb.refTuple('host_id', 'request_id'),
        'in',
        eb
          .selectFrom('requests')
          .select(['host_id', 'request_id'])
          .where('requested_at', '<', now - keep.bodiesMs)
          .limit(LIMIT)
          .$asTuple('host_id', 'request_id'),
      ),
    )
    .executeTakeFirstOrThrow()

const audit = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('audit')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('audit')
        .select('id')
        .where('at', '<', now - keep.auditMs)
        .orderBy('id')
        .limit(LIMIT),
    )
    .executeTakeFirstOrThrow()

const bodies = (db: Db, { now, keep }: Sweep): Deleted =>
  db
    .deleteFrom('bodies')
    .where('sha256', 'in', (eb) =>
      eb
        .selectFrom('bodies')
        .select('bodies.sha256')
        .where('stored_at', '<', now - keep.bodiesMs)
        .where(unnamed('catalogs'))
        .where(unnamed('catalog_blobs'))
        .where(unnamed('facts'))
        .limit(LIMIT),
    )
    .executeTakeFirstOrThrow()

const unnamed =
  (table: 'catalogs' | 'catalog_blobs' | 'facts') =>
  ({ not, exists, selectFrom }: ExpressionBuilder<Tables, 'bodies'>) =>
    not(
      exists(
        selectFrom(table)
          .select(`${table}.sha256` as 'catalogs.sha256')
          .whereRef(`${table}.sha256` as 'catalogs.sha256', '=', 'bodies.sha256'),
      ),
    )

const deletions = [
  unchangedRuns,
  runs,
  runCounts,
  repairs,
  drift,
  facts,
  revisions,
  pastCatalogs,
  invites,
  plans,
  requests,
  audit,
  // Last: what the others let go of.
  bodies,
]

export const writes = {
  /** Forgets some of what is older than it has to be; 0 when there is nothing left to forget. */
  async forget(db: Db, sweep: Sweep): Promise<number> {
    for (const deletion of deletions) {
      const { numDeletedRows } = await deletion(db, sweep)
      if (numDeletedRows > 0n) return Number(numDeletedRows)
    }
    return 0
  },
}

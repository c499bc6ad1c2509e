import { diffOf, originOf, type Report } from './report.ts'
import type { Reported } from './report-body.ts'
import type { Db } from './tables.ts'

/**
 * Brings what differs up to date with the newest run: a check opens and refreshes, an apply closes what it settled and
 * keeps what it could not. What the run does not mention is settled, if the run came to its end.
 */
export async function recordDrift(
  db: Db,
  report: Report,
  outcomes: readonly Reported[],
  at: number,
): Promise<void> {
  const { hostId, head } = report
  const differs = new Map(outcomes.filter(isDifferent).map((outcome) => [outcome.id, outcome]))
  const unknown = new Set(outcomes.filter(isUnknown).map(({ id }) => id))
  const open = await db
    .selectFrom('drift')
    .select(['resource', 'since'])
    .where('host_id', '=', hostId)
    .where('settled_at', 'is', null)
    .execute()
  const since = new Map(open.map((row) => [row.resource, row.since]))
  for (const [resource, outcome] of differs)
    await put(db, report, outcome, { since: since.get(resource) ?? at, at })
  if (head.problem !== null) return
  const settled = open.filter(({ resource }) => !differs.has(resource) && !unknown.has(resource))
  for (const { resource, since } of settled) {
    await db
      .updateTable('drift')
      .set({ settled_at: at, settled_run_id: head.run_id })
      .where('host_id', '=', hostId)
      .where('resource', '=', resource)
      .where('since', '=', since)
      .execute()
  }
}

/** What differs still: after a failure what is left of it. */
const differenceOf = ({ status, changes, left }: Reported) =>
  status === 'failed' && left.length > 0 ? left : changes

const isDifferent = (outcome: Reported) =>
  outcome.status === 'planned' || (outcome.status === 'failed' && differenceOf(outcome).length > 0)

/** Nobody has looked, or nobody could. */
const isUnknown = (outcome: Reported) => outcome.status === 'skipped' || outcome.status === 'failed'

async function put(
  db: Db,
  { hostId, head, circumstances }: Report,
  outcome: Reported,
  { since, at }: { since: number; at: number },
): Promise<void> {
  const seen = {
    last_seen_at: at,
    run_id: head.run_id,
    changes: JSON.stringify(differenceOf(outcome)),
    diff: diffOf(outcome),
    origin: originOf(circumstances, outcome.id),
    settled_at: null,
    settled_run_id: null,
  }
  await db
    .insertInto('drift')
    .values({ host_id: hostId, resource: outcome.id, since, ...seen })
    .onConflict((on) => on.columns(['host_id', 'resource', 'since']).doUpdateSet(seen))
    .execute()
}

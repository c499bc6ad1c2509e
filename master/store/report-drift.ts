import { diffOf, type Report, type Told } from './report.ts'
import type { Reported } from './report-body.ts'
import { insertion, statement } from './statement.ts'
import type { Db, DriftTable } from './tables.ts'

/**
 * Brings what differs up to date with the newest run: a check opens and refreshes, an apply closes what it settled and
 * keeps what it could not. What the run does not mention is settled, if the run came to its end and looked at all.
 */
export async function recordDrift(
  db: Db,
  report: Report,
  { outcomes, origins }: Told,
  at: number,
): Promise<void> {
  const { hostId, head } = report
  const differs = new Map(outcomes.filter(isDifferent).map((outcome) => [outcome.id, outcome]))
  const unknown = new Set(outcomes.filter(isUnknown).map(({ id }) => id))
  const { rows: open } = await openDrift(db, { hostId })
  const since = new Map(open.map((row) => [row.resource, row.since]))
  await putRows(
    db,
    [...differs.values()].map((outcome) =>
      rowOf(report, outcome, origins, { since: since.get(outcome.id) ?? at, at }),
    ),
  )
  if (head.problem !== null) return
  const looked = head.trigger === 'drift' ? new Set(outcomes.map(({ id }) => id)) : null
  const settled = open.filter(
    ({ resource }) =>
      !differs.has(resource) && !unknown.has(resource) && (looked === null || looked.has(resource)),
  )
  for (const { resource } of settled) await settle(db, { hostId, resource, at, runId: head.run_id })
}

const openDrift = statement((db, { hostId }: { hostId: string }) =>
  db
    .selectFrom('drift')
    .select(['resource', 'since'])
    .where('host_id', '=', hostId)
    .where('settled_at', 'is', null),
)

type Settled = { hostId: string; resource: string; at: number; runId: string }

const settle = statement((db, { hostId, resource, at, runId }: Settled) =>
  db
    .updateTable('drift')
    .set({ settled_at: at, settled_run_id: runId })
    .where('host_id', '=', hostId)
    .where('resource', '=', resource)
    .where('settled_at', 'is', null),
)

/** What differs still: after a failure what is left of it. */
const differenceOf = ({ status, changes, left }: Reported) =>
  status === 'failed' && left.length > 0 ? left : changes

const isDifferent = (outcome: Reported) =>
  outcome.status === 'planned' || (outcome.status === 'failed' && differenceOf(outcome).length > 0)

/** Nobody has looked, or nobody could. */
const isUnknown = (outcome: Reported) => outcome.status === 'skipped' || outcome.status === 'failed'

const rowOf = (
  { hostId, head }: Report,
  outcome: Reported,
  origins: Told['origins'],
  { since, at }: { since: number; at: number },
): DriftTable => ({
  host_id: hostId,
  resource: outcome.id,
  since,
  last_seen_at: at,
  run_id: head.run_id,
  changes: JSON.stringify(differenceOf(outcome)),
  diff: diffOf(outcome),
  origin: origins.get(outcome.id) ?? '',
  settled_at: null,
  settled_run_id: null,
})

const SEEN = ['last_seen_at', 'run_id', 'changes', 'diff', 'origin', 'settled_at', 'settled_run_id'] as const

const putRows = insertion((db, rows: readonly DriftTable[]) =>
  db
    .insertInto('drift')
    .values(rows)
    .onConflict((on) =>
      on
        .columns(['host_id', 'resource', 'since'])
        .doUpdateSet((eb) => Object.fromEntries(SEEN.map((name) => [name, eb.ref(`excluded.${name}`)]))),
    ),
)

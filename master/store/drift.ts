import type { Db } from './tables.ts'

export type DriftPlace = { name: string; resource: string; since: number }

type Page = { hostIds?: readonly string[]; after?: DriftPlace; limit: number }

export const reads = {
  /** What differs now on these hosts, or on all that are not revoked. */
  open: (db: Db, page: Page) => rows(db, page).where('drift.settled_at', 'is', null).execute(),

  /** What began to differ since then, settled or not. */
  began: (db: Db, { since, ...page }: Page & { since: number }) =>
    rows(db, page).where('drift.since', '>=', since).execute(),

  /** What differed at a time. */
  at: (db: Db, { at, ...page }: Page & { at: number }) =>
    rows(db, page)
      .where('drift.since', '<=', at)
      .where((eb) => eb.or([eb('drift.settled_at', 'is', null), eb('drift.settled_at', '>', at)]))
      .execute(),

  /** How many resources differ, by host; a host where none does is not there. */
  counts: (db: Db): Promise<{ host_id: string; drifted: number }[]> =>
    db
      .selectFrom('drift')
      .select((eb) => ['host_id', eb.fn.countAll<number>().as('drifted')])
      .where('settled_at', 'is', null)
      .groupBy('host_id')
      .execute(),
}

function rows(db: Db, { hostIds, after, limit }: Page) {
  let query = db
    .selectFrom('drift')
    .innerJoin('hosts', 'hosts.id', 'drift.host_id')
    .leftJoin('runs', 'runs.run_id', 'drift.run_id')
    .selectAll('drift')
    .select(['hosts.name', 'runs.evidence'])
    .where('hosts.state', '!=', 'revoked')
    .orderBy('hosts.name')
    .orderBy('drift.resource')
    .orderBy('drift.since')
    .limit(limit)
  if (hostIds !== undefined) query = query.where('hosts.id', 'in', hostIds)
  if (after !== undefined) {
    query = query.where((eb) =>
      eb(
        eb.refTuple('hosts.name', 'drift.resource', 'drift.since'),
        '>',
        eb.tuple(after.name, after.resource, after.since),
      ),
    )
  }
  return query
}

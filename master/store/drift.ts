import type { Db } from './tables.ts'

export type DriftPlace = { name: string; resource: string }

export const reads = {
  /** What differs now on these hosts, or on all that are not revoked. */
  open(
    db: Db,
    { hostIds, after, limit }: { hostIds?: readonly string[]; after?: DriftPlace; limit: number },
  ) {
    let rows = db
      .selectFrom('drift')
      .innerJoin('hosts', 'hosts.id', 'drift.host_id')
      .selectAll('drift')
      .select('hosts.name')
      .where('drift.settled_at', 'is', null)
      .where('hosts.state', '!=', 'revoked')
      .orderBy('hosts.name')
      .orderBy('drift.resource')
    if (hostIds !== undefined) rows = rows.where('hosts.id', 'in', hostIds)
    if (after !== undefined) {
      rows = rows.where((eb) =>
        eb(eb.refTuple('hosts.name', 'drift.resource'), '>', eb.tuple(after.name, after.resource)),
      )
    }
    return rows.limit(limit).execute()
  },

  /** How many resources differ, by host; a host where none does is not there. */
  counts: (db: Db): Promise<{ host_id: string; drifted: number }[]> =>
    db
      .selectFrom('drift')
      .select((eb) => ['host_id', eb.fn.countAll<number>().as('drifted')])
      .where('settled_at', 'is', null)
      .groupBy('host_id')
      .execute(),
}

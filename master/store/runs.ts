import type { ChangeRow, Db, RunRow } from './tables.ts'

/** Where a page ended; the next one goes on from there. */
export type RunPlace = { received_at: number; run_id: string }
export type ChangePlace = { at: number; run_id: string; place: number }

export const reads = {
  get: (db: Db, runId: string): Promise<RunRow | undefined> =>
    db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst(),

  /** Those whose id begins so, at most two: one is the answer, two are a question. */
  beginning: (db: Db, start: string): Promise<RunRow[]> =>
    db
      .selectFrom('runs')
      .selectAll()
      .where('run_id', '>=', start)
      .where('run_id', '<', `${start}~`)
      .orderBy('run_id')
      .limit(2)
      .execute(),

  /** As they were received, the newest first. */
  list(
    db: Db,
    { hostId, before, limit }: { hostId?: string; before?: RunPlace; limit: number },
  ): Promise<RunRow[]> {
    let rows = db.selectFrom('runs').selectAll().orderBy('received_at', 'desc').orderBy('run_id', 'desc')
    if (hostId !== undefined) rows = rows.where('host_id', '=', hostId)
    if (before !== undefined) {
      rows = rows.where((eb) =>
        eb(eb.refTuple('received_at', 'run_id'), '<', eb.tuple(before.received_at, before.run_id)),
      )
    }
    return rows.limit(limit).execute()
  },

  /** The last apply of a host that had begun by then and took its catalog. */
  applied: (db: Db, { hostId, at }: { hostId: string; at: number }): Promise<RunRow | undefined> =>
    db
      .selectFrom('runs')
      .selectAll()
      .where('host_id', '=', hostId)
      .where('kind', '=', 'apply')
      .where('catalog_sha256', 'is not', null)
      .where('problem', 'is', null)
      .where('started_at', '<=', at)
      .orderBy('started_at', 'desc')
      .orderBy('run_id', 'desc')
      .limit(1)
      .executeTakeFirst(),

  /** How many runs changed nothing, day by day, the newest first. */
  counts: (db: Db, { hostId, limit }: { hostId: string; limit: number }) =>
    db
      .selectFrom('run_counts')
      .select(['day_at', 'runs'])
      .where('host_id', '=', hostId)
      .orderBy('day_at', 'desc')
      .limit(limit)
      .execute(),

  /** What was changed on a host, the newest first. */
  changes(
    db: Db,
    one: {
      hostId: string
      resource?: string
      since: number
      until: number
      before?: ChangePlace
      limit: number
    },
  ): Promise<(ChangeRow & Pick<RunRow, 'evidence'>)[]> {
    let rows = db
      .selectFrom('changes')
      .innerJoin('runs', 'runs.run_id', 'changes.run_id')
      .selectAll('changes')
      .select('runs.evidence')
      .where('changes.host_id', '=', one.hostId)
      .where('at', '>=', one.since)
      .where('at', '<', one.until)
      .orderBy('at', 'desc')
      .orderBy('changes.run_id', 'desc')
      .orderBy('place', 'desc')
    const { resource, before } = one
    if (resource !== undefined) rows = rows.where('resource', '=', resource)
    if (before !== undefined) {
      rows = rows.where((eb) =>
        eb(
          eb.refTuple('at', 'changes.run_id', 'place'),
          '<',
          eb.tuple(before.at, before.run_id, before.place),
        ),
      )
    }
    return rows.limit(one.limit).execute()
  },
}

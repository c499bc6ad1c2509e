import type { Db, PauseRow } from './tables.ts'

type Of = { hostIds?: readonly string[]; now: number }

export const reads = {
  /** Those of these hosts, or of all, that are in force: one that stays is until it is ended. */
  list: (db: Db, { hostIds, now }: Of): Promise<PauseRow[]> => {
    const rows = db
      .selectFrom('pauses')
      .selectAll()
      .where((eb) => eb.or([eb('until', '>', now), eb('stays', '=', 1)]))
      .orderBy('host_id')
      .orderBy('resource')
    return (hostIds === undefined ? rows : rows.where('host_id', 'in', hostIds)).execute()
  },
}

export const writes = {
  /**
   * In place of earlier ones of the same resources. What is over is forgotten. False, and nothing is done, when the
   * host would have more than `most`.
   */
  async put(
    db: Db,
    { rows, now, most }: { rows: readonly PauseRow[]; now: number; most: number },
  ): Promise<boolean> {
    const [first] = rows
    if (first === undefined) return true
    const known = await reads.list(db, { hostIds: [first.host_id], now })
    const ids = new Set([...known, ...rows].map(({ resource }) => resource))
    if (ids.size > most) return false
    await db
      .deleteFrom('pauses')
      .where('host_id', '=', first.host_id)
      .where((eb) =>
        eb.or([
          eb(
            'resource',
            'in',
            rows.map(({ resource }) => resource),
          ),
          eb.and([eb('until', '<=', now), eb('stays', '=', 0)]),
        ]),
      )
      .execute()
    await db.insertInto('pauses').values(rows).execute()
    return true
  },

  /** Ends those of these resources, or of all of a host; returns those that were in force. */
  async end(
    db: Db,
    { hostId, resources, now }: { hostId: string; resources: readonly string[] | null; now: number },
  ): Promise<string[]> {
    const before = await reads.list(db, { hostIds: [hostId], now })
    const ended = before
      .map(({ resource }) => resource)
      .filter((resource) => resources === null || resources.includes(resource))
    if (ended.length > 0)
      await db.deleteFrom('pauses').where('host_id', '=', hostId).where('resource', 'in', ended).execute()
    return ended
  },
}

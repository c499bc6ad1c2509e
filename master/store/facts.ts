import { putBody } from './bodies.ts'
import type { Db } from './tables.ts'

type Facts = { facts: Uint8Array; since: number }

export const reads = {
  /** As they are now, or were at a time. */
  of: (db: Db, { hostId, at }: { hostId: string; at?: number }): Promise<Facts | undefined> =>
    rows(db, hostId)
      .innerJoin('bodies', 'bodies.sha256', 'facts.sha256')
      .select('bodies.bytes as facts')
      .where('since', '<=', at ?? Number.MAX_SAFE_INTEGER)
      .executeTakeFirst(),

  /** As they are now, of all hosts that ever told theirs. */
  newest: (db: Db): Promise<{ host_id: string; facts: Uint8Array }[]> =>
    db
      .selectFrom('facts')
      .innerJoin('bodies', 'bodies.sha256', 'facts.sha256')
      .select(['host_id', 'bodies.bytes as facts'])
      .where((eb) =>
        eb(
          'since',
          '=',
          eb
            .selectFrom('facts as later')
            .select((last) => last.fn.max('later.since').as('since'))
            .whereRef('later.host_id', '=', 'facts.host_id'),
        ),
      )
      .execute(),

  /** When they changed, the newest first. */
  history: (db: Db, hostId: string) => rows(db, hostId).select('facts.sha256').execute(),
}

const rows = (db: Db, hostId: string) =>
  db.selectFrom('facts').select('since').where('host_id', '=', hostId).orderBy('since', 'desc')

export const writes = {
  /** Returns whether they are other facts than before. */
  async put(
    db: Db,
    { hostId, facts, at }: { hostId: string; facts: Uint8Array; at: number },
  ): Promise<boolean> {
    const sha256 = await putBody(db, facts, at)
    const last = await rows(db, hostId).select('facts.sha256').limit(1).executeTakeFirst()
    if (last?.sha256 === sha256) return false
    // Time never stands still or goes back within one history, whatever the clock does.
    const since = Math.max(at, (last?.since ?? 0) + 1)
    await db.insertInto('facts').values({ host_id: hostId, since, sha256 }).execute()
    return true
  },
}

import type { ReportedFight } from './report-body.ts'
import { statement } from './statement.ts'
import type { ContestedRow, Db } from './tables.ts'

export const reads = {
  /** Those of these hosts, or of all that are not revoked. */
  list: (db: Db, { hostIds, limit }: { hostIds?: readonly string[]; limit: number }) => {
    const rows = db
      .selectFrom('contested')
      .innerJoin('hosts', 'hosts.id', 'contested.host_id')
      .selectAll('contested')
      .select('hosts.name')
      .where('hosts.state', '!=', 'revoked')
      .orderBy('hosts.name')
      .orderBy('contested.resource')
      .limit(limit)
    return (hostIds === undefined ? rows : rows.where('hosts.id', 'in', hostIds)).execute()
  },
}

const forget = statement((db, { hostId }: { hostId: string }) =>
  db.deleteFrom('contested').where('host_id', '=', hostId),
)

/** What a host's newest report says is all that there is. */
export async function recordFights(db: Db, hostId: string, fights: readonly ReportedFight[]): Promise<void> {
  await forget(db, { hostId })
  if (fights.length === 0) return
  // An agent may say anything, twice as well.
  const byId = new Map(fights.map((fight) => [fight.id, fight]))
  const rows = [...byId.values()].map(
    ({ id, since, times, lastAt, nextAt, known }): ContestedRow => ({
      ...{ host_id: hostId, resource: id, since, times },
      ...{ last_at: lastAt, next_at: nextAt, known: JSON.stringify(known) },
    }),
  )
  await db.insertInto('contested').values(rows).execute()
}

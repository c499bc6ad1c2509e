import type { Db, RequestRow } from './tables.ts'

/** Who asked for which run of a host: the report itself could say anything. */
export const reads = {
  get: (
    db: Db,
    { hostId, requestId }: { hostId: string; requestId: string },
  ): Promise<RequestRow | undefined> =>
    db
      .selectFrom('requests')
      .selectAll()
      .where('host_id', '=', hostId)
      .where('request_id', '=', requestId)
      .executeTakeFirst(),
}

export const writes = {
  async add(db: Db, request: RequestRow): Promise<void> {
    await db.insertInto('requests').values(request).execute()
  },
}

import type { Db } from './tables.ts'

export const reads = {
  /** Each host's own fingerprint; empty when the plan is not known, or no more. */
  async get(db: Db, fingerprint: string): Promise<{ host: string; fingerprint: string }[]> {
    return await db
      .selectFrom('plans')
      .select(['host', 'host_fingerprint as fingerprint'])
      .where('fingerprint', '=', fingerprint)
      .orderBy('host')
      .execute()
  },
}

export const writes = {
  async put(
    db: Db,
    {
      fingerprint,
      hosts,
      at,
    }: { fingerprint: string; hosts: readonly { host: string; fingerprint: string }[]; at: number },
  ): Promise<void> {
    for (const one of hosts) {
      await db
        .insertInto('plans')
        .values({ fingerprint, host: one.host, host_fingerprint: one.fingerprint, created_at: at })
        .onConflict((on) => on.columns(['fingerprint', 'host']).doUpdateSet({ created_at: at }))
        .execute()
    }
  },
}

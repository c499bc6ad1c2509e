import { sha256 } from '../../lib/sha256.ts'
import type { Db } from './tables.ts'

export const reads = {
  get: async (db: Db, hash: string): Promise<Uint8Array | undefined> =>
    (await db.selectFrom('bodies').select('bytes').where('sha256', '=', hash).executeTakeFirst())?.bytes,
}

// What is stored again is marked as fresh, but not each time: that would write all of its bytes anew.
const REFRESH_MS = 24 * 3_600_000

/** Content by its hash, once. It stays as long as something refers to it, and a while after it was stored last. */
export async function putBody(db: Db, bytes: Uint8Array, at: number): Promise<string> {
  const hash = sha256(bytes)
  await db
    .insertInto('bodies')
    .values({ sha256: hash, bytes, stored_at: at })
    .onConflict((on) =>
      on
        .column('sha256')
        .doUpdateSet({ stored_at: at })
        .where('bodies.stored_at', '<', at - REFRESH_MS),
    )
    .execute()
  return hash
}

export const writes = {
  put: (db: Db, { bytes, at }: { bytes: Uint8Array; at: number }) => putBody(db, bytes, at),
}

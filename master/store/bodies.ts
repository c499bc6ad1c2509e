import { sha256 } from '../../lib/sha256.ts'
import { statement } from './statement.ts'
import type { BodyTable, Db } from './tables.ts'

const bodyOf = statement((db, { hash }: { hash: string }) =>
  db.selectFrom('bodies').select('bytes').where('sha256', '=', hash),
)

export const reads = {
  get: async (db: Db, hash: string): Promise<Uint8Array | undefined> =>
    (await bodyOf(db, { hash })).rows[0]?.bytes,
}

// What is stored again is marked as fresh, but not each time: that would write all of its bytes anew.
const REFRESH_MS = 24 * 3_600_000

const insertBody = statement((db, body: BodyTable & { old: number }) =>
  db
    .insertInto('bodies')
    .values({ sha256: body.sha256, bytes: body.bytes, stored_at: body.stored_at })
    .onConflict((on) =>
      on.column('sha256').doUpdateSet({ stored_at: body.stored_at }).where('bodies.stored_at', '<', body.old),
    ),
)

/** Content by its hash, once. It stays as long as something refers to it, and a while after it was stored last. */
export async function putBody(db: Db, bytes: Uint8Array, at: number): Promise<string> {
  const hash = sha256(bytes)
  await insertBody(db, { sha256: hash, bytes, stored_at: at, old: at - REFRESH_MS })
  return hash
}

export const writes = {
  put: (db: Db, { bytes, at }: { bytes: Uint8Array; at: number }) => putBody(db, bytes, at),
}

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

/** Content by its hash, once. It stays as long as something refers to it, and a while after that. */
export async function putBody(db: Db, bytes: Uint8Array, at: number): Promise<string> {
  const hash = sha256(bytes)
  await putKnown(db, hash, bytes, at)
  return hash
}

/** @param hash of the bytes, as the caller has seen for itself */
export async function putKnown(db: Db, hash: string, bytes: Uint8Array, at: number): Promise<void> {
  await insertBody(db, { sha256: hash, bytes, stored_at: at, old: at - REFRESH_MS })
}

const refresh = statement((db, { sha256, at, old }: { sha256: string; at: number; old: number }) =>
  db.updateTable('bodies').set({ stored_at: at }).where('sha256', '=', sha256).where('stored_at', '<', old),
)

/** What nothing may refer to any more stays a while from now on. */
export async function releaseBody(db: Db, sha256: string, at: number): Promise<void> {
  await refresh(db, { sha256, at, old: at - REFRESH_MS })
}

export const writes = {
  put: (db: Db, { bytes, at }: { bytes: Uint8Array; at: number }) => putBody(db, bytes, at),
}

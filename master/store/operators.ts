import { endInvites } from './open-invites.ts'
import type { Db, OperatorRow } from './tables.ts'

export const reads = {
  /** One that was removed is not there. */
  get: (db: Db, name: string): Promise<OperatorRow | undefined> =>
    db
      .selectFrom('operators')
      .selectAll()
      .where('name', '=', name)
      .where('removed_at', 'is', null)
      .executeTakeFirst(),

  list: (db: Db): Promise<OperatorRow[]> => db.selectFrom('operators').selectAll().orderBy('name').execute(),
}

export const writes = {
  /** Makes an operator known, who joins by invitation. One who is there keeps the key and gets the role. */
  async add(
    db: Db,
    { name, role, by, at }: { name: string; role: OperatorRow['role']; by: string; at: number },
  ): Promise<void> {
    const anew = {
      role,
      added_at: at,
      added_by: by,
      public_key_sha256: null,
      certificate_serial: null,
      certificate_expires_at: null,
      certificate_chain: null,
      joined_at: null,
      removed_at: null,
    }
    const there = (await reads.get(db, name)) !== undefined
    await db
      .insertInto('operators')
      .values({ name, ...anew })
      .onConflict((on) => on.column('name').doUpdateSet(there ? { role } : anew))
      .execute()
  },

  /** False when there is none to remove. */
  async remove(db: Db, { name, at }: { name: string; at: number }): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('operators')
      .set({ removed_at: at })
      .where('name', '=', name)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    await endInvites(db, { kind: 'operator', name, at })
    return numUpdatedRows > 0n
  },
}

import type { Db, InviteRow } from './tables.ts'

/** Ends all invitations of a name that nobody has used. */
export async function endInvites(
  db: Db,
  { kind, name, at }: Pick<InviteRow, 'kind' | 'name'> & { at: number },
): Promise<void> {
  await db
    .updateTable('invites')
    .set({ expires_at: at })
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .execute()
}

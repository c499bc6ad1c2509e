import { writes as assignments } from './assignments.ts'
import { type Certificate, reads as hosts, writes as hostWrites } from './hosts.ts'
import { endInvites } from './open-invites.ts'
import { reads as operators } from './operators.ts'
import type { Db, InviteRow } from './tables.ts'

export const reads = {
  get: (db: Db, id: string) => db.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirst(),

  /** Those that can still be used. */
  open: (db: Db, now: number) =>
    db
      .selectFrom('invites')
      .selectAll()
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('created_at')
      .execute(),
}

/** `again`: the same key asks once more while the invitation lasts. */
export type Redeemed = 'used' | 'again' | 'spent' | 'expired' | 'unknown'

/** The certificate is made before it is known who of several comes first; the others' are thrown away. */
type Use = { id: string; keySha256: string; at: number; certificate: Certificate }

export const writes = {
  /**
   * False when there is one with this id already, which is left as it is. The newest of a name is the only one: whoever
   * has lost sight of an invitation makes another.
   */
  async add(db: Db, invite: Omit<InviteRow, 'used_at' | 'used_key_sha256'>): Promise<boolean> {
    if ((await reads.get(db, invite.id)) !== undefined) return false
    await endInvites(db, { kind: invite.kind, name: invite.name, at: invite.created_at })
    await db
      .insertInto('invites')
      .values({ ...invite, used_at: null, used_key_sha256: null })
      .execute()
    return true
  },

  /** Lets a host in: the invitation is used up, the host is there with its roles, and the one it replaces is revoked. */
  async redeemHost(
    db: Db,
    use: Use & { hostId: string; ageRecipient: string },
  ): Promise<{
    result: Redeemed | 'taken'
    hostId: string
    name: string
    replaced: string | null
    chain: string
  }> {
    const { result, invite } = await redeem(db, use, 'host')
    const none = { hostId: '', name: invite?.name ?? '', replaced: null, chain: '' }
    if (invite === undefined || result === 'spent') return { result, ...none }
    const earlier = await hosts.named(db, invite.name)
    if (result === 'again') {
      // The host may have been replaced, revoked or renewed since.
      const same = earlier?.public_key_sha256 === use.keySha256 && earlier.generation === 1
      return same
        ? { result, ...none, hostId: earlier.id, chain: earlier.certificate_chain }
        : { result: 'spent', ...none }
    }
    if (earlier !== undefined && invite.replaces === 0) {
      await release(db, use.id)
      return { result: 'taken', ...none }
    }
    if (earlier !== undefined)
      await hostWrites.revoke(db, { id: earlier.id, reason: 'the host has joined anew', at: use.at })
    await db
      .insertInto('hosts')
      .values({
        id: use.hostId,
        name: invite.name,
        state: 'active',
        generation: 1,
        public_key_sha256: use.keySha256,
        age_recipient: use.ageRecipient,
        ...use.certificate,
        joined_at: use.at,
        recoveries: 0,
        clock_skew_ms: 0,
        spooled_reports: 0,
        dropped_reports: 0,
        mode: 'enforce',
        settled: 0,
        planned: 0,
        changed: 0,
        failed: 0,
        skipped: 0,
      })
      .execute()
    const roles = JSON.parse(invite.roles) as string[]
    await assignments.assign(db, { host: invite.name, roles, by: invite.created_by, at: use.at })
    return {
      result,
      hostId: use.hostId,
      name: invite.name,
      replaced: earlier?.id ?? null,
      chain: use.certificate.certificate_chain,
    }
  },

  /** Lets an operator in, whom `operators.add` made known. */
  async redeemOperator(db: Db, use: Use): Promise<{ result: Redeemed; name: string; chain: string }> {
    const { result, invite } = await redeem(db, use, 'operator')
    const name = invite?.name ?? ''
    const known = await operators.get(db, name)
    if (result === 'again') {
      const same = known?.public_key_sha256 === use.keySha256
      return same
        ? { result, name, chain: known.certificate_chain ?? '' }
        : { result: 'spent', name, chain: '' }
    }
    if (result !== 'used') return { result, name, chain: '' }
    if (known === undefined) return { result: 'unknown', name, chain: '' }
    await db
      .updateTable('operators')
      .set({ ...use.certificate, public_key_sha256: use.keySha256, joined_at: use.at })
      .where('name', '=', name)
      .execute()
    return { result, name, chain: use.certificate.certificate_chain }
  },
}

/** One UPDATE decides: of two callers at once, one finds the row unused. */
async function redeem(
  db: Db,
  { id, keySha256, at }: Omit<Use, 'certificate'>,
  kind: InviteRow['kind'],
): Promise<{ result: Redeemed; invite?: InviteRow }> {
  const { numUpdatedRows } = await db
    .updateTable('invites')
    .set({ used_at: at, used_key_sha256: keySha256 })
    .where('id', '=', id)
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()
  const invite = await reads.get(db, id)
  if (invite === undefined || invite.kind !== kind) return { result: 'unknown' }
  if (numUpdatedRows === 1n) return { result: 'used', invite }
  if (invite.expires_at <= at) return { result: 'expired' }
  return invite.used_key_sha256 === keySha256 ? { result: 'again', invite } : { result: 'spent' }
}

const release = (db: Db, id: string) =>
  db.updateTable('invites').set({ used_at: null, used_key_sha256: null }).where('id', '=', id).execute()

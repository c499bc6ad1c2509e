import { writes as audit } from './audit.ts'
import { endInvites } from './open-invites.ts'
import type { Db, HostRow } from './tables.ts'

/** What is shown of a host. Certificates and keys are larger than all of it, and nobody's business. */
const SHOWN = [
  'id',
  'name',
  'state',
  'reason',
  'certificate_expires_at',
  'last_seen_at',
  'version',
  'catalog_sha256',
  'clock_skew_ms',
  'spooled_reports',
  'dropped_reports',
  'mode',
  'mode_until',
  'mode_reason',
  'mode_by',
  'run_id',
  'run_ended_at',
  'settled',
  'planned',
  'changed',
  'failed',
  'skipped',
  'run_problem',
] as const
export type ShownHost = Pick<HostRow, (typeof SHOWN)[number]>

export const reads = {
  get: (db: Db, id: string) => db.selectFrom('hosts').selectAll().where('id', '=', id).executeTakeFirst(),

  /** The one that has this name now; one that is revoked has none. */
  named: (db: Db, name: string) =>
    db
      .selectFrom('hosts')
      .selectAll()
      .where('name', '=', name)
      .where('state', '!=', 'revoked')
      .executeTakeFirst(),

  /** All that joined, revoked ones last. */
  list: (db: Db): Promise<ShownHost[]> =>
    db.selectFrom('hosts').select(SHOWN).orderBy('revoked_at').orderBy('name').orderBy('id').execute(),

  /** The first of `list` that has this name. */
  shown: async (db: Db, name: string): Promise<ShownHost | undefined> => {
    const rows = db.selectFrom('hosts').select(SHOWN).where('name', '=', name)
    // A name that is in use is in an index; others are looked for among all.
    const now = await rows.where('state', '!=', 'revoked').executeTakeFirst()
    return now ?? (await rows.orderBy('revoked_at').orderBy('id').limit(1).executeTakeFirst())
  },

  /** Of all that ever joined. */
  names: (db: Db): Promise<{ id: string; name: string }[]> =>
    db.selectFrom('hosts').select(['id', 'name']).execute(),

  /** Ids of all that may not call any more. */
  refused: async (db: Db) => {
    const rows = await db.selectFrom('hosts').select('id').where('state', '!=', 'active').execute()
    return rows.map(({ id }) => id)
  },
}

/** What became of a generation that was presented. */
export type Renewed = {
  result: 'renewed' | 'again' | 'stale' | 'refused'
  generation: number
  /** PEM: the one that is valid now, for `renewed` and `again`. */
  chain: string
}

/** What was issued, to be stored with what makes it valid. */
export type Certificate = Pick<HostRow, 'certificate_serial' | 'certificate_expires_at' | 'certificate_chain'>
type Renewal = { id: string; generation: number; keySha256: string; at: number; certificate: Certificate }

export const writes = {
  /**
   * Counts a host's generation up, if the one that it presents is the newest. The same key that asks again after the
   * answer was lost gets `again`, until the new certificate is in use; an older generation is `stale`, and the host
   * is locked.
   */
  async renew(db: Db, { id, generation, keySha256, at, certificate }: Renewal): Promise<Renewed> {
    const host = await reads.get(db, id)
    if (host === undefined || host.state !== 'active') return { result: 'refused', generation: 0, chain: '' }
    // Ahead of us: the store was brought back from a backup. Whoever lies here betrays himself by the next renewal.
    if (generation >= host.generation) {
      const next = {
        ...certificate,
        generation: generation + 1,
        generation_used_at: null,
        public_key_sha256: keySha256,
        last_seen_at: at,
      }
      await db.updateTable('hosts').set(next).where('id', '=', id).execute()
      return { result: 'renewed', generation: generation + 1, chain: certificate.certificate_chain }
    }
    const unused = generation === host.generation - 1 && host.generation_used_at === null
    if (unused && keySha256 === host.public_key_sha256)
      return { result: 'again', generation: host.generation, chain: host.certificate_chain }
    await lock(db, host, generation, at)
    return { result: 'stale', generation: host.generation, chain: '' }
  },

  /**
   * Like `renew`, for a host whose certificate has expired. It is counted, and refused as `too often` when the last one
   * is younger than `everyMs`.
   */
  async recover(
    db: Db,
    { everyMs, ...one }: Renewal & { everyMs: number },
  ): Promise<Omit<Renewed, 'result'> & { result: Renewed['result'] | 'too often' }> {
    const host = await reads.get(db, one.id)
    const last = host?.recovered_at ?? null
    if (host !== undefined && one.generation >= host.generation && last !== null && one.at - last < everyMs)
      return { result: 'too often', generation: host.generation, chain: '' }
    const done = await writes.renew(db, one)
    if (done.result === 'renewed') {
      await db
        .updateTable('hosts')
        .set((eb) => ({ recoveries: eb('recoveries', '+', 1), recovered_at: one.at }))
        .where('id', '=', one.id)
        .execute()
    }
    return done
  },

  /** A certificate is in use: that of the newest generation proves that its answer was not lost. */
  async used(db: Db, { id, serial, at }: { id: string; serial: string; at: number }): Promise<void> {
    await db
      .updateTable('hosts')
      .set({ generation_used_at: at })
      .where('id', '=', id)
      .where('certificate_serial', '=', serial)
      .where('generation_used_at', 'is', null)
      .execute()
  },

  /** False when there is none to revoke. Nor does it come back by an invitation that is still about. */
  async revoke(db: Db, { id, reason, at }: { id: string; reason: string; at: number }): Promise<boolean> {
    const host = await reads.get(db, id)
    if (host === undefined || host.state === 'revoked') return false
    await db
      .updateTable('hosts')
      .set({ state: 'revoked', revoked_at: at, reason })
      .where('id', '=', id)
      .execute()
    await endInvites(db, { kind: 'host', name: host.name, at })
    return true
  },

  /** What a host says of itself when it connects, and once a minute. What is left out stays as it is. */
  async seen(
    db: Db,
    {
      id,
      ...said
    }: { id: string; last_seen_at: number } & Partial<
      Pick<HostRow, 'version' | 'boot_id' | 'catalog_sha256' | 'clock_skew_ms' | 'spooled_reports'>
    >,
  ): Promise<void> {
    await db.updateTable('hosts').set(said).where('id', '=', id).execute()
  },

  async setMode(
    db: Db,
    { id, ...mode }: { id: string } & Pick<HostRow, 'mode' | 'mode_until' | 'mode_reason' | 'mode_by'>,
  ): Promise<void> {
    await db.updateTable('hosts').set(mode).where('id', '=', id).execute()
  },
}

const COPIED = 'its key is in use in two places'

/** Nobody knows which of the two is the host, so neither is let in until an operator has seen to it. */
async function lock(db: Db, { id, name, generation }: HostRow, presented: number, at: number): Promise<void> {
  await db
    .updateTable('hosts')
    .set({ state: 'locked', reason: COPIED, last_seen_at: at })
    .where('id', '=', id)
    .execute()
  const detail = JSON.stringify({ why: COPIED, id, generation, presented })
  await audit.append(db, { at, actor: 'master', method: 'Lock', subject: name, detail, result: 'ok' })
}

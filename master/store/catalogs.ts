import { putBody } from './bodies.ts'
import type { CatalogRow, Db, PastCatalogRow } from './tables.ts'

export const reads = {
  get: (db: Db, host: string): Promise<CatalogRow | undefined> =>
    db.selectFrom('catalogs').selectAll().where('host', '=', host).executeTakeFirst(),

  list: (db: Db): Promise<CatalogRow[]> => db.selectFrom('catalogs').selectAll().orderBy('host').execute(),

  /** A catalog that the host had once and has no more. */
  past: (db: Db, { host, sha256 }: { host: string; sha256: string }): Promise<PastCatalogRow | undefined> =>
    db
      .selectFrom('past_catalogs')
      .selectAll()
      .where('host', '=', host)
      .where('sha256', '=', sha256)
      .executeTakeFirst(),

  /** Hashes of what the host's catalog names, which is all that the host may read. */
  async blobs(db: Db, host: string): Promise<string[]> {
    const rows = await db.selectFrom('catalog_blobs').select('sha256').where('host', '=', host).execute()
    return rows.map(({ sha256 }) => sha256)
  },
}

type Compiled = {
  host: string
  /** Undefined: the same bytes as before, of a newer commit. */
  bytes?: Uint8Array
  commit: string
  inputsDigest: string
  /** All content that the catalog names; what is stored already may come without its bytes. */
  blobs: readonly { sha256: string; bytes?: Uint8Array }[]
  at: number
}

export const writes = {
  /** A host's new last good catalog, with all that it names, at once. Returns its hash. */
  async put(db: Db, one: Compiled): Promise<string | null> {
    const current = await reads.get(db, one.host)
    const sha256 = one.bytes === undefined ? (current?.sha256 ?? null) : await putBody(db, one.bytes, one.at)
    for (const { bytes } of one.blobs) if (bytes !== undefined) await putBody(db, bytes, one.at)
    if (current?.sha256 && current.sha256 !== sha256) await replace(db, current, current.sha256, one.at)
    await nameBlobs(db, one.host, new Set(one.blobs.map((blob) => blob.sha256)))
    const good = {
      sha256,
      commit: one.commit,
      inputs_digest: one.inputsDigest,
      compiled_at: one.at,
      problem: null,
      problem_commit: null,
      problem_at: null,
    }
    await upsert(db, one.host, good)
    return sha256
  },

  /** The host's catalog is as it was, and is right for this commit too. */
  async confirm(db: Db, { host, commit }: { host: string; commit: string }): Promise<void> {
    await upsert(db, host, { commit, problem: null, problem_commit: null, problem_at: null })
  },

  /** The host keeps its last good catalog. */
  async fail(
    db: Db,
    { host, problem, commit, at }: { host: string; problem: string; commit: string; at: number },
  ): Promise<void> {
    await upsert(db, host, { problem, problem_commit: commit, problem_at: at })
  },

  /** The host is declared no more. */
  async remove(db: Db, host: string): Promise<void> {
    await db.deleteFrom('catalog_blobs').where('host', '=', host).execute()
    await db.deleteFrom('catalogs').where('host', '=', host).execute()
  },
}

/** A run on the catalog before may be reported as late as its host is away. */
async function replace(
  db: Db,
  { host, commit }: CatalogRow,
  sha256: string,
  replaced_at: number,
): Promise<void> {
  await db
    .insertInto('past_catalogs')
    .values({ host, sha256, commit, replaced_at })
    .onConflict((on) => on.columns(['host', 'sha256']).doUpdateSet({ commit, replaced_at }))
    .execute()
}

/** A catalog is most often as it was but for one file, so only what differs is written. */
async function nameBlobs(db: Db, host: string, named: ReadonlySet<string>): Promise<void> {
  const before = new Set(await reads.blobs(db, host))
  for (const sha256 of before)
    if (!named.has(sha256))
      await db.deleteFrom('catalog_blobs').where('host', '=', host).where('sha256', '=', sha256).execute()
  for (const sha256 of named)
    if (!before.has(sha256)) await db.insertInto('catalog_blobs').values({ host, sha256 }).execute()
}

async function upsert(db: Db, host: string, row: Partial<Omit<CatalogRow, 'host'>>): Promise<void> {
  await db
    .insertInto('catalogs')
    .values({ host, ...row })
    .onConflict((on) => on.column('host').doUpdateSet(row))
    .execute()
}

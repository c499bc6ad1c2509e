import { putBody, releaseBody } from './bodies.ts'
import { insertion, statement } from './statement.ts'
import type { CatalogBlobTable, CatalogRow, Db, PastCatalogRow } from './tables.ts'

const catalogOf = statement((db, { host }: { host: string }) =>
  db.selectFrom('catalogs').selectAll().where('host', '=', host),
)

const namedBy = statement((db, { host }: { host: string }) =>
  db.selectFrom('catalog_blobs').select('sha256').where('host', '=', host),
)

const unname = statement((db, { host, sha256 }: CatalogBlobTable) =>
  db.deleteFrom('catalog_blobs').where('host', '=', host).where('sha256', '=', sha256),
)

const name = insertion((db, rows: readonly CatalogBlobTable[]) => db.insertInto('catalog_blobs').values(rows))

const upsert = statement((db, { host, ...row }: Pick<CatalogRow, 'host'> & Partial<CatalogRow>) =>
  db
    .insertInto('catalogs')
    .values({ host, ...row })
    .onConflict((on) => on.column('host').doUpdateSet(row)),
)

export const reads = {
  get: async (db: Db, host: string): Promise<CatalogRow | undefined> =>
    (await catalogOf(db, { host })).rows[0],

  list: (db: Db): Promise<CatalogRow[]> => db.selectFrom('catalogs').selectAll().orderBy('host').execute(),

  /** A catalog that the host had once and has no more. */
  past: (db: Db, { host, sha256 }: { host: string; sha256: string }): Promise<PastCatalogRow | undefined> =>
    db
      .selectFrom('past_catalogs')
      .selectAll()
      .where('host', '=', host)
      .where('sha256', '=', sha256)
      .executeTakeFirst(),

  /** Hashes of what each host's catalog names, which is all that the host may read. */
  async named(db: Db): Promise<[host: string, blobs: string[]][]> {
    const rows = await db.selectFrom('catalog_blobs').selectAll().execute()
    const named = new Map<string, string[]>()
    for (const { host, sha256 } of rows) {
      const blobs = named.get(host)
      if (blobs === undefined) named.set(host, [sha256])
      else blobs.push(sha256)
    }
    return [...named]
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

// A statement has at most 32,766 values on SQLite.
const HOSTS_PER_STATEMENT = 10_000

export const writes = {
  /** A host's new last good catalog, with all that it names, at once. Returns its hash. */
  async put(db: Db, one: Compiled): Promise<string | null> {
    const current = await reads.get(db, one.host)
    const sha256 = one.bytes === undefined ? (current?.sha256 ?? null) : await putBody(db, one.bytes, one.at)
    for (const { bytes } of one.blobs) if (bytes !== undefined) await putBody(db, bytes, one.at)
    if (current?.sha256 && current.sha256 !== sha256) {
      const { host, commit } = current
      await replace(db, { host, sha256: current.sha256, commit, replaced_at: one.at })
      await releaseBody(db, current.sha256, one.at)
    }
    await nameBlobs(db, one.host, new Set(one.blobs.map((blob) => blob.sha256)), one.at)
    const good = {
      sha256,
      commit: one.commit,
      inputs_digest: one.inputsDigest,
      compiled_at: one.at,
      problem: null,
      problem_commit: null,
      problem_at: null,
    }
    await upsert(db, { host: one.host, ...good })
    return sha256
  },

  /** The catalogs of these hosts are as they were, and are right for this commit too. */
  async confirm(db: Db, { hosts, commit }: { hosts: readonly string[]; commit: string }): Promise<void> {
    for (let from = 0; from < hosts.length; from += HOSTS_PER_STATEMENT)
      await db
        .updateTable('catalogs')
        .set({ commit, problem: null, problem_commit: null, problem_at: null })
        .where('host', 'in', hosts.slice(from, from + HOSTS_PER_STATEMENT))
        .execute()
  },

  /** The host keeps its last good catalog. */
  async fail(
    db: Db,
    { host, problem, commit, at }: { host: string; problem: string; commit: string; at: number },
  ): Promise<void> {
    await upsert(db, { host, problem, problem_commit: commit, problem_at: at })
  },

  /** The host is declared no more. */
  async remove(db: Db, host: string): Promise<void> {
    await db.deleteFrom('catalog_blobs').where('host', '=', host).execute()
    await db.deleteFrom('catalogs').where('host', '=', host).execute()
  },
}

/** A run on the catalog before may be reported as late as its host is away. */
const replace = statement((db, { host, sha256, ...replaced }: PastCatalogRow) =>
  db
    .insertInto('past_catalogs')
    .values({ host, sha256, ...replaced })
    .onConflict((on) => on.columns(['host', 'sha256']).doUpdateSet(replaced)),
)

/** A catalog is most often as it was but for one file, so only what differs is written. */
async function nameBlobs(db: Db, host: string, named: ReadonlySet<string>, at: number): Promise<void> {
  const { rows } = await namedBy(db, { host })
  const before = new Set(rows.map(({ sha256 }) => sha256))
  for (const sha256 of before) {
    if (named.has(sha256)) continue
    await unname(db, { host, sha256 })
    await releaseBody(db, sha256, at)
  }
  const fresh = [...named].filter((sha256) => !before.has(sha256))
  await name(
    db,
    fresh.map((sha256) => ({ host, sha256 })),
  )
}

import type { Store } from '../store/store.ts'
import type { CatalogStore, HostCatalog } from './catalogs.ts'

// The store has a commit in each row; a folder without git has none.
const NO_COMMIT = ''

/** Catalogs as the store keeps them. */
export function keptCatalogs(store: Pick<Store, 'catalogs'>, now: () => number): CatalogStore {
  return {
    async all() {
      const rows = await store.catalogs.list()
      return Promise.all(
        rows.map(async (row): Promise<HostCatalog> => {
          const { host, sha256, inputs_digest: inputs, problem } = row
          const blobs = await store.catalogs.blobs(host)
          return { host, sha256, commit: row.commit || null, inputs, blobs, problem }
        }),
      )
    },

    async put({ host, commit, inputs, blobs, problem }, made) {
      if (made !== null) {
        await store.catalogs.put({
          host,
          bytes: made.bytes,
          commit: commit ?? NO_COMMIT,
          inputsDigest: inputs ?? '',
          blobs: blobs.map((sha256) => ({ sha256, ...bytesOf(made.blobs.get(sha256)) })),
          at: now(),
        })
      } else if (problem === null) await store.catalogs.confirm({ host, commit: commit ?? NO_COMMIT })
      else await store.catalogs.fail({ host, problem, commit: commit ?? NO_COMMIT, at: now() })
    },
  }
}

const bytesOf = (bytes: Buffer | undefined) => (bytes === undefined ? {} : { bytes })

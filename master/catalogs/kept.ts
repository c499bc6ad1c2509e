import type { Store } from '../store/store.ts'
import type { CatalogStore } from './host-catalog.ts'

// The store has a commit in each row; a folder without git has none.
const NO_COMMIT = ''

/** Catalogs as the store keeps them. */
export function keptCatalogs(store: Pick<Store, 'catalogs' | 'bodies'>, now: () => number): CatalogStore {
  return {
    async all() {
      const [rows, named] = await Promise.all([store.catalogs.list(), store.catalogs.named()])
      const blobs = new Map(named)
      return rows.map(({ host, sha256, commit, inputs_digest: inputs, problem }) => {
        return { host, sha256, commit: commit || null, inputs, blobs: blobs.get(host) ?? [], problem }
      })
    },

    async bytes(sha256) {
      const bytes = await store.bodies.get(sha256)
      return bytes ? Buffer.from(bytes) : null
    },

    confirm: (hosts, commit) => store.catalogs.confirm({ hosts, commit: commit ?? NO_COMMIT }),

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
      } else
        await store.catalogs.fail({ host, problem: problem ?? '', commit: commit ?? NO_COMMIT, at: now() })
    },
  }
}

const bytesOf = (bytes: Buffer | undefined) => (bytes === undefined ? {} : { bytes })

import { Failure } from '../lib/failure.ts'
import { retryAfter } from './backoff.ts'
import type { Calls } from './calls.ts'
import type { CatalogCache } from './catalog-cache.ts'
import { failureOf } from './wire.ts'

/** Keeps the cache at the catalog that the master says is right. */
export interface CatalogNews {
  /** The master says which one is right; empty: there is none yet. */
  right(sha256: string): void
  /** Gets the one that an order is about. Throws when that is not to be had. */
  get(sha256: string): Promise<void>
  /** Fetches what was found damaged. */
  mend(): void
  readonly busy: boolean
  settled(): Promise<void>
  close(): void
}

export type CatalogNewsParts = {
  readonly cache: CatalogCache
  readonly calls: () => Calls | null
  readonly chance: () => number
  readonly changed: () => void
  /** It can't be used here, and the last good one stays. Told once for each. */
  readonly refused: (sha256: string, why: Failure) => void
  /** It is tried again. */
  readonly failed: (why: Failure) => void
}

export function openCatalogNews(parts: CatalogNewsParts): CatalogNews {
  const { cache, calls } = parts
  let wanted = ''
  let refused = ''
  let verified = false
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let failed = 0

  const isDone = () =>
    wanted === '' || wanted === refused || (verified && !cache.damaged && wanted === cache.sha256)

  async function fetch(): Promise<void> {
    // What the disk has lost since is found before the master says that nothing has changed.
    if (!verified) await cache.verify()
    verified = true
    for (let from = calls(); from !== null && !isDone(); from = calls()) {
      const about = wanted
      if (!(await fetched(from, about))) return
      // The master has another one by now, and says so; to ask again at once would not make it speak sooner.
      if (cache.sha256 !== about && wanted === about && refused !== about) return
    }
  }

  async function fetched(from: Calls, about: string): Promise<boolean> {
    try {
      const came = await cache.fetch(from)
      failed = 0
      if (came === 'new') parts.changed()
      return true
    } catch (error) {
      const why = failureOf(error, 'GetCatalog')
      if (why.code === 'invalid' || why.code === 'conflict') {
        refused = about
        parts.refused(about, why)
        return true
      }
      again(why)
      return false
    }
  }

  function again(why: Failure): void {
    parts.failed(why)
    timer ??= setTimeout(start, retryAfter(failed, parts.chance()))
    failed += 1
  }

  function start(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (running !== null || isDone()) return
    running = fetch().finally(() => {
      running = null
    })
  }

  return {
    right(sha256) {
      wanted = sha256
      start()
    },
    async get(sha256) {
      if (cache.sha256 === sha256) return
      wanted = sha256
      if (refused === sha256) refused = ''
      start()
      await running
      if (cache.sha256 !== sha256) throw notToBeHad()
    },
    mend: start,
    get busy() {
      return running !== null
    },
    async settled() {
      await running
    },
    close() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

const notToBeHad = () =>
  new Failure(
    'conflict',
    'the catalog that this is about is not to be had any more, or not to be used here',
    {
      hint: 'look at a new plan, and at the last runs of this host',
    },
  )

import type { Failure } from '../../lib/failure.ts'
import type { Log } from '../../lib/log.ts'
import type { SealedSecret } from '../../proto/gen/drover/v1/SealedSecret.ts'
import type { Enrolling } from '../authority/enroll.ts'
import type { Catalogs } from '../catalogs/catalogs.ts'
import type { RecentBodies } from '../store/recent-bodies.ts'
import type { Store } from '../store/store.ts'
import type { Fleet } from './fleet.ts'
import type { Counters } from './metrics.ts'
import type { Rehearsals } from './rehearsals.ts'

/** What the services are made of. */
export type Serving = {
  readonly store: Store
  readonly bodies: RecentBodies
  readonly catalogs: Catalogs
  readonly fleet: Fleet
  /** Answers of rehearsals that somebody waits for. */
  readonly rehearsals: Rehearsals
  readonly counters: Counters
  readonly enrolling: Enrolling
  /** Why the site can't be followed at the moment. */
  readonly siteProblem: () => string | null
  /** Secrets of a host's catalog, encrypted to it. */
  readonly secretsOf: (host: string) => Promise<readonly SealedSecret[]>
  /** What sites encrypt secrets to, for this master. */
  readonly recipient: string
  /** Where joining hosts go, as join strings name it. */
  readonly enrollmentAddresses: readonly string[]
  /** Ends all that an identity has open; what it is now is looked up anew. */
  readonly dismiss: (key: string, why: Failure) => void
  /** For files that are gone when a call is over. */
  readonly scratch: string
  readonly version: string
  readonly now: () => number
  readonly newId: () => string
  readonly log: Log
}

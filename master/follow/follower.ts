import type { Revision } from '../catalogs/catalogs.ts'

/** Follows a site and hands on each new state of it. */
export interface Follower {
  /** Looks now, such as when a webhook says that there is something new. */
  wake(): void
  /** Why it can't be followed at the moment; `null`: all is well. */
  problem(): string | null
  close(): Promise<void>
}

/** Is handed a revision, one after the other; its answer says whether it became the site. */
export type Found = (revision: Revision) => Promise<{ readonly good: boolean }>

/**
 * Runs `look` when asked, one at a time: what is asked for meanwhile is one more look after it.
 *
 * A look that fails is told in `problem`, until one succeeds.
 */
export function looker(look: () => Promise<void>, failed: (error: unknown) => void) {
  let problem: string | null = null
  let under: Promise<void> | null = null
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      try {
        await look()
        problem = null
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error)
        failed(error)
      }
    } while (again)
    under = null
  }
  return {
    wake() {
      again = true
      under ??= run()
    },
    problem: () => problem,
    /** When nothing is under way any more. */
    idle: async () => {
      again = false
      await under
    },
  }
}

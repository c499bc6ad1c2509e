import type { Facts } from '../lib/facts.ts'
import type { Failure } from '../lib/failure.ts'
import { RECONNECT_MAX_MS } from '../lib/limits.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Calls } from './calls.ts'
import { failureOf } from './wire.ts'

/** Tells the master what the host is, when that has changed. */
export interface FactsPush {
  /** Looks again. @param anew the master may have none */
  look(anew?: boolean): void
  settled(): Promise<void>
  close(): void
}

export type FactsPushParts = {
  readonly read: () => Promise<Facts>
  readonly calls: () => Calls | null
  readonly failed: (why: Failure) => void
}

export function pushFacts({ read, calls, failed }: FactsPushParts): FactsPush {
  let known = ''
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  async function push(): Promise<void> {
    const to = calls()
    if (to === null) return
    try {
      const facts = Buffer.from(JSON.stringify(await read()))
      const digest = sha256(facts)
      if (digest === known) return
      await to.putFacts(facts)
      known = digest
    } catch (error) {
      failed(failureOf(error, 'PutFacts'))
      timer ??= setTimeout(look, RECONNECT_MAX_MS)
    }
  }

  function look(anew = false): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (anew) known = ''
    running ??= push().finally(() => {
      running = null
    })
  }

  return {
    look,
    async settled() {
      await running
    },
    close() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

import type { Failure } from '../lib/failure.ts'
import type { RenewResponse__Output } from '../proto/gen/drover/v1/RenewResponse.ts'
import type { Calls } from './calls.ts'
import { failureOf } from './wire.ts'

/** The host's own certificate, as far as its renewal goes. */
export type Renewable = {
  readonly generation: () => number
  readonly expiresAt: () => number
  /** When it is to be renewed. */
  readonly dueAt: () => number
  /** Puts a renewed one into use, from the next connection on. */
  readonly store: (renewed: RenewResponse__Output) => void
  /** Gets a new one for the same key, when the old one has expired. */
  readonly recover: () => Promise<void>
}

export interface Renewal {
  /** The master is there, or does not let the host in. */
  look(): void
  settled(): Promise<void>
  close(): void
}

export type RenewalParts = {
  readonly certificate: Renewable
  readonly calls: () => Calls | null
  readonly renewed: (expiresAt: number) => void
  readonly failed: (why: Failure) => void
  readonly now: () => number
}

const LOOK_EVERY_MS = 3_600_000
// The master allows few recoveries, and a person has to see to what one did not mend.
const RECOVER_EVERY_MS = 600_000

/** Renews the certificate in time, and recovers one that expired while the host was off. */
export function openRenewal({ certificate, calls, renewed, failed, now }: RenewalParts): Renewal {
  let running: Promise<void> | null = null
  let recoveredAt = Number.NEGATIVE_INFINITY

  async function renew(): Promise<void> {
    const to = calls()
    const isExpired = now() >= certificate.expiresAt()
    try {
      if (to !== null && now() >= certificate.dueAt())
        certificate.store(await to.renew(certificate.generation()))
      else if (to === null && isExpired && performance.now() - recoveredAt >= RECOVER_EVERY_MS) {
        recoveredAt = performance.now()
        await certificate.recover()
      } else return
      renewed(certificate.expiresAt())
    } catch (error) {
      failed(failureOf(error, isExpired ? 'Join' : 'Renew'))
    }
  }

  const look = () => {
    running ??= renew().finally(() => {
      running = null
    })
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    look,
    async settled() {
      await running
    },
    close: () => clearInterval(timer),
  }
}

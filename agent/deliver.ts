import type { Failure } from '../lib/failure.ts'
import { retryAfter } from './backoff.ts'
import type { Calls } from './calls.ts'
import type { Report, Spool } from './spool.ts'
import { failureOf } from './wire.ts'

/** Brings reports to the master, the oldest first, whenever it is there. */
export interface Delivery {
  /** There is something new to bring, or somebody new to bring it to. */
  wake(): void
  /** Resolves when nothing waits, or when the master is away. */
  settled(): Promise<void>
  close(): void
}

export type DeliveryParts = {
  readonly spool: Spool
  readonly calls: () => Calls | null
  readonly chance: () => number
  readonly delivered: (report: Report) => void
  /** The master does not want it, now or ever. */
  readonly refused: (report: Report, why: Failure) => void
  /** It is tried again. */
  readonly failed: (why: Failure) => void
}

/** What trying again does not mend: one report that can't be taken must not keep the others waiting. */
const FINAL: readonly Failure['code'][] = ['invalid', 'conflict', 'not-found']
// A master that fails at a report as often as this will fail again; the others may do better.
const MAX_FAULTS = 8

export function openDelivery(parts: DeliveryParts): Delivery {
  const { spool, calls } = parts
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let faults = 0
  let failed = 0
  let closed = false

  async function bring(): Promise<void> {
    for (let to = calls(); to !== null && !closed; to = calls()) {
      const report = spool.next()
      if (report === null) return
      try {
        await to.putReport(report.head, report.body)
        spool.delivered(report.head.run_id)
        failed = 0
        faults = 0
        parts.delivered(report)
      } catch (error) {
        if (!giveUp(report, failureOf(error, 'PutReport'))) return
      }
    }
  }

  /** Whether to go on with the next one. */
  function giveUp(report: Report, why: Failure): boolean {
    faults += why.code === 'internal' ? 1 : 0
    if (FINAL.includes(why.code) || faults >= MAX_FAULTS) {
      faults = 0
      spool.refused(report.head.run_id)
      parts.refused(report, why)
      return true
    }
    parts.failed(why)
    timer ??= setTimeout(wake, retryAfter(failed, parts.chance()))
    failed += 1
    return false
  }

  function wake(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (running !== null || closed) return
    running = bring().finally(() => {
      running = null
      // Something may have come while the last one was on its way.
      if (timer === null && spool.waiting > 0 && calls() !== null) wake()
    })
  }

  return {
    wake,
    async settled() {
      while (running !== null) await running
    },
    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

import { setTimeout as after } from 'node:timers/promises'
import type { Failure } from '../lib/failure.ts'
import { retryAfter } from './backoff.ts'
import type { Calls } from './calls.ts'
import type { Report, Spool } from './spool.ts'
import { failureOf } from './wire.ts'

/** Brings reports to the master, the oldest first, whenever it is there. */
export interface Delivery {
  /** There is something new to bring, or somebody new to bring it to. */
  wake(): void
  /** Nothing is on its way. */
  settled(): Promise<void>
  /** Brings what waits while the master is there, and for no longer than this. */
  close(graceMs: number): Promise<void>
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
// An agent that ends has no time to be as patient as one that goes on.
const RETRY_CLOSING_MS = 500

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
    if (closed) return false
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
    async close(graceMs) {
      const until = performance.now() + graceMs
      const end = after(graceMs, undefined, { ref: false })
      while (performance.now() < until && spool.waiting > 0 && calls() !== null) {
        wake()
        await Promise.race([running, end])
        if (spool.waiting > 0) await Promise.race([after(RETRY_CLOSING_MS), end])
      }
      closed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

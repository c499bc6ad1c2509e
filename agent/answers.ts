import { Failure } from '../lib/failure.ts'
import type { Finished } from '../proto/gen/drover/v1/Finished.ts'
import { problemOf } from './report.ts'
import type { Done } from './run.ts'
import type { Report } from './spool.ts'

/** The answers to the master's orders. An order is answered when the report of its run is delivered. */
export interface Answers {
  /** What an order came to; one that made no run has no report to wait for. */
  finished(requestId: string, done: Done): void
  delivered(report: Report): void
  /** @param what the reason why the report of this run is never delivered */
  lost(runId: string, what: string): void
}

/** @param send called once for each order */
export function openAnswers(send: (finished: Finished) => void): Answers {
  const owed = new Map<string, string[]>()
  const take = (runId: string) => {
    const ids = owed.get(runId)
    owed.delete(runId)
    return ids
  }
  return {
    finished(requestId, { runId, problem }) {
      if (runId === '') send({ request_id: requestId, run_id: '', problem })
      else owed.set(runId, [...(owed.get(runId) ?? []), requestId])
    },
    delivered({ head }) {
      // After a restart nothing but the report knows who asked.
      const ids = take(head.run_id) ?? (head.request_id ? [head.request_id] : [])
      for (const id of ids) send({ request_id: id, run_id: head.run_id, problem: head.problem ?? null })
    },
    lost(runId, what) {
      const problem = problemOf(new Failure('internal', `the report of the run was lost: ${what}`))
      for (const id of take(runId) ?? []) send({ request_id: id, run_id: '', problem })
    },
  }
}

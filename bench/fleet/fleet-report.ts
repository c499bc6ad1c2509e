import { randomBytes } from 'node:crypto'
import { type Begun, reportOf } from '../../agent/report.ts'
import type { Report } from '../../agent/spool.ts'
import type { Outcome } from '../../lib/outcome.ts'
import { runId } from '../../lib/run-id.ts'

const [RESULTS, CHANGED, DIFF_BYTES] = [50, 10, 600]

const outcome = (i: number, changed: number, nonce: string): Outcome => {
  const id = `file:/etc/bench/t${i}` as const
  if (i >= changed) return { id, status: 'settled' }
  const diff = `-setting = ${nonce}\n+${'x'.repeat(DIFF_BYTES)}\n`
  const previews = [{ path: `/etc/bench/t${i}`, diff, note: null, added: 1, removed: 1 }]
  const changes = [{ field: 'content', from: nonce, to: 'x' }]
  return { id, status: 'changed', changes, steps: [], with: null, previews, ms: 1 }
}

/** What a run over 50 resources came to: ten of them changed, which makes a body of 8 KiB, or none. */
export function makeReport(isChanged: boolean, catalog: string): Report {
  const nonce = randomBytes(16).toString('hex')
  const now = Date.now()
  const begun: Begun = {
    run_id: runId(now, randomBytes(10)),
    kind: 'RUN_KIND_APPLY',
    trigger: 'RUN_TRIGGER_SWEEP',
    request_id: '',
    catalog_sha256: catalog,
    started_at: now,
  }
  const outcomes = Array.from({ length: RESULTS }, (_, i) => outcome(i, isChanged ? CHANGED : 0, nonce))
  return reportOf(begun, 'fleet', { outcomes, owed: [], held: null, ms: 1 }, null)
}

import { Failure } from '../../lib/failure.ts'
import {
  MAX_CLOCK_SKEW_MS,
  MAX_EVIDENCE,
  MAX_EVIDENCE_CHARACTERS,
  MAX_OUTPUT_BYTES,
  MAX_REPORT_BYTES,
} from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import { isFailureCode } from '../../proto/failures.ts'
import type { PutReportRequest__Output } from '../../proto/gen/drover/v1/PutReportRequest.ts'
import type { ReportHead__Output } from '../../proto/gen/drover/v1/ReportHead.ts'
import type { Head } from '../store/report.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const SHA256 = /^[0-9a-f]{64}$/
const KINDS: Readonly<Record<string, Head['kind']>> = { RUN_KIND_CHECK: 'check', RUN_KIND_APPLY: 'apply' }
const TRIGGERS: Readonly<Record<string, Head['trigger']>> = {
  RUN_TRIGGER_REQUEST: 'request',
  RUN_TRIGGER_SWEEP: 'sweep',
  RUN_TRIGGER_CATALOG: 'catalog',
  RUN_TRIGGER_BOOT: 'boot',
  RUN_TRIGGER_DRIFT: 'drift',
  RUN_TRIGGER_UNDO: 'undo',
}
const NO_COUNTS = { settled: 0, planned: 0, changed: 0, failed: 0, skipped: 0 }

/** A report as it came in pieces, whole and as its head says. */
export async function readReport(
  pieces: AsyncIterable<PutReportRequest__Output>,
  now: number,
): Promise<{ head: Head; body: Buffer }> {
  let head: Head | null = null
  let bytes = 0
  let expected = 0
  const parts: Buffer[] = []
  for await (const { head: given, data } of pieces) {
    if ((given === null) === (head === null)) {
      throw new Failure('invalid', 'a report begins with its head, which comes once')
    }
    if (given !== null) {
      head = checkHead(given, now)
      expected = given.body_bytes
    }
    bytes += data.length
    if (bytes > expected) throw new Failure('invalid', 'the report is longer than its head says')
    parts.push(data)
  }
  if (head === null) throw new Failure('invalid', 'a report begins with its head')
  const body = Buffer.concat(parts)
  if (bytes !== expected || sha256(body) !== head.body_sha256) {
    throw new Failure('invalid', 'the body of the report is not the one that its head names')
  }
  return { head, body }
}

/** What each word of a head must be. */
const RIGHT: { readonly [Name in keyof ReportHead__Output]?: (value: never) => boolean } = {
  run_id: (id: string) => UUID.test(id),
  kind: (kind: string) => Object.hasOwn(KINDS, kind),
  trigger: (trigger: string) => Object.hasOwn(TRIGGERS, trigger),
  body_sha256: (hash: string) => SHA256.test(hash),
  catalog_sha256: (hash: string) => hash === '' || SHA256.test(hash),
  started_at: (at: number) => Number.isSafeInteger(at) && at >= 0,
  request_id: (id: string) => id.length <= 64,
  fingerprint: (word: string) => word.length <= 200,
}

function checkHead(head: ReportHead__Output, now: number): Head {
  for (const [name, isRight] of Object.entries(RIGHT)) {
    if (!isRight(head[name as keyof typeof RIGHT] as never)) {
      throw new Failure('invalid', `the report's ${name} is none`)
    }
  }
  const kind = KINDS[head.kind] as Head['kind']
  const trigger = TRIGGERS[head.trigger] as Head['trigger']
  if (head.body_bytes > MAX_REPORT_BYTES) {
    throw new Failure(
      'exhausted',
      `the report has ${head.body_bytes} bytes, at most ${MAX_REPORT_BYTES} are taken`,
    )
  }
  return {
    run_id: head.run_id,
    kind,
    trigger,
    request_id: head.request_id || null,
    catalog_sha256: head.catalog_sha256 || null,
    // A host whose clock is ahead does not report from the future.
    started_at: head.started_at > now + MAX_CLOCK_SKEW_MS ? now : head.started_at,
    duration_ms: head.duration_ms,
    counts: head.counts ?? NO_COUNTS,
    fingerprint: head.fingerprint || null,
    body_sha256: head.body_sha256,
    unchanged_runs: head.unchanged_runs,
    dropped_reports: head.dropped_reports,
    problem: head.problem && problemOf(head.problem),
    evidence: head.evidence.slice(0, MAX_EVIDENCE).map(({ at, kind, text }) => ({
      at: Number.isSafeInteger(at) && at >= 0 ? at : 0,
      kind: kind.slice(0, MAX_EVIDENCE_CHARACTERS),
      text: text.slice(0, MAX_EVIDENCE_CHARACTERS),
    })),
  }
}

function problemOf({ code, reason, hint }: { code: string; reason: string; hint: string }): Head['problem'] {
  const known = isFailureCode(code) ? code : 'internal'
  const cut = (text: string) => text.slice(0, MAX_OUTPUT_BYTES)
  return { code: known, reason: cut(reason), hint: hint === '' ? null : cut(hint) }
}

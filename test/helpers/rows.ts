import { type Outcome, summarise } from '../../lib/outcome.ts'
import type { HostResult } from '../../proto/gen/drover/v1/HostResult.ts'
import type { HostRow } from '../../proto/gen/drover/v1/HostRow.ts'
import type { ReportHead } from '../../proto/gen/drover/v1/ReportHead.ts'
import type { RunRow } from '../../proto/gen/drover/v1/RunRow.ts'

/** A host as the master tells of it: in order, unless said otherwise. */
export function hostRow(name: string, more: Partial<HostRow> = {}): HostRow {
  return {
    name,
    id: `id-of-${name}`,
    status: 'HOST_STATUS_IN_SYNC',
    connected: true,
    environment: 'production',
    roles: [{ role: 'web', origin: 'hosts.yaml:3' }],
    version: '0.1.0',
    last_seen_at: Date.now() - 5000,
    last_run_at: Date.now() - 3 * 60_000,
    counts: { settled: 41, planned: 0, changed: 0, failed: 0, skipped: 0 },
    commit: 'c0ffee'.repeat(7).slice(0, 40),
    wanted_catalog_sha256: 'a'.repeat(64),
    catalog_sha256: 'a'.repeat(64),
    mode: 'MODE_ENFORCE',
    certificate_expires_at: Date.now() + 6 * 86_400_000,
    ...more,
  }
}

const change = { field: 'mode', from: '0640', to: '0644' }

/** What would be done with one file. */
export const planned = (id: string, more: Partial<Outcome> = {}): Outcome =>
  ({
    id,
    status: 'planned',
    changes: [change],
    steps: [{ do: 'chmod', path: id.slice(5), mode: '0644' }],
    with: null,
    previews: [],
    after: [],
    unknown: null,
    ...more,
  }) as Outcome
export const changed = (id: string, ms = 12): Outcome =>
  ({
    id,
    status: 'changed',
    changes: [change],
    steps: [],
    with: null,
    previews: [],
    ms,
  }) as unknown as Outcome
export const failed = (id: string, reason: string): Outcome =>
  ({
    id,
    status: 'failed',
    code: 'unavailable',
    reason,
    hint: null,
    changes: [],
    steps: [],
    ended: null,
    left: [],
    ms: 3,
  }) as unknown as Outcome

export const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** A run as the master tells of it. */
export function runRow(
  host: string,
  outcomes: readonly Outcome[] = [],
  more: Partial<ReportHead> = {},
): RunRow {
  const counts = summarise(outcomes)
  const body = bytesOf({ outcomes, owed: [] })
  return {
    host,
    received_at: Date.now(),
    requested_by: 'anna',
    commit: 'c0ffee',
    head: {
      run_id: '01976f3a-0000-7000-8000-000000000001',
      kind: 'RUN_KIND_CHECK',
      trigger: 'RUN_TRIGGER_REQUEST',
      started_at: Date.now() - 60_000,
      duration_ms: 250,
      counts: { ...counts, settled: 40 },
      fingerprint: counts.planned > 0 ? 'aaaaaaaa' : '',
      body_bytes: body.length,
      ...more,
    },
  }
}

/** What a call tells of one host. */
export function hostResult(
  host: string,
  outcomes: readonly Outcome[] = [],
  more: Partial<ReportHead> = {},
): { result: HostResult } {
  return {
    result: {
      host,
      run: runRow(host, outcomes, more),
      body: bytesOf({ outcomes, owed: [] }),
      origins: bytesOf(Object.fromEntries(outcomes.map(({ id }) => [id, 'web  roles/web/role.yaml:14']))),
    },
  }
}

import type { HostRow__Output } from '../proto/gen/drover/v1/HostRow.ts'
import type { HostStatus__Output } from '../proto/gen/drover/v1/HostStatus.ts'
import type { Mode__Output } from '../proto/gen/drover/v1/Mode.ts'
import type { RunRow__Output } from '../proto/gen/drover/v1/RunRow.ts'
import { evidenceView } from './evidence-text.ts'
import type { Span, Style } from './print.ts'
import { agoText, timeOf } from './time-text.ts'

const STATUSES: Readonly<Record<HostStatus__Output, readonly [string, string, Style]>> = {
  HOST_STATUS_UNSPECIFIED: ['?', 'unknown', 'unknown'],
  HOST_STATUS_ABSENT: ['-', 'absent', 'dim'],
  HOST_STATUS_IN_SYNC: ['✓', 'in sync', 'add'],
  HOST_STATUS_DRIFTED: ['~', 'drifted', 'change'],
  HOST_STATUS_FAILED: ['!', 'failed', 'fail'],
  HOST_STATUS_STALE: ['?', 'stale', 'fail'],
  HOST_STATUS_PAUSED: ['=', 'paused', 'unknown'],
  HOST_STATUS_REVOKED: ['x', 'revoked', 'dim'],
  HOST_STATUS_PENDING: ['…', 'pending', 'dim'],
}

/** A status with a sign that says the same without colour. */
export function statusSpan(status: HostStatus__Output): Span {
  const [sign, word, style] = STATUSES[status] ?? STATUSES.HOST_STATUS_UNSPECIFIED
  return [style, `${sign} ${word}`]
}

const MODES: Readonly<Record<Mode__Output, string>> = {
  MODE_UNSPECIFIED: 'enforce',
  MODE_ENFORCE: 'enforce',
  MODE_AUDIT: 'audit',
  MODE_PAUSED: 'paused',
}
export const modeWord = (mode: Mode__Output) => MODES[mode] ?? 'enforce'

/** A host has the catalog that it should have, another one, or none. */
export function catalogText({
  wanted_catalog_sha256,
  catalog_sha256,
  compile_problem,
}: HostRow__Output): string {
  if (compile_problem !== '') return 'kept: does not compile'
  if (wanted_catalog_sha256 === '') return 'none yet'
  if (catalog_sha256 === '') return 'not applied yet'
  return wanted_catalog_sha256 === catalog_sha256 ? 'current' : 'behind'
}

/** How many resources differ, of how many. */
export function driftText({ drifted, counts }: HostRow__Output): string {
  if (counts === null) return ''
  const { settled, planned, changed, failed, skipped } = counts
  return `${drifted}/${settled + planned + changed + failed + skipped}`
}

/** A pause that is in force: what, until when, why and by whom. */
export function pauseText({ mode, mode_until, mode_reason, mode_by }: HostRow__Output, now: number): string {
  const word = modeWord(mode)
  if (word === 'enforce') return ''
  const end = mode_until === 0 ? '' : `, ends ${agoText(mode_until, now)}`
  const why = mode_reason === '' ? '' : `: ${mode_reason}`
  return `${word}${end}${mode_by === '' ? '' : `, by ${mode_by}`}${why}`
}

/** A host for programs. */
export function hostView(host: HostRow__Output) {
  const { counts, roles } = host
  return {
    name: host.name,
    id: host.id || null,
    status: STATUSES[host.status]?.[1].replace(' ', '-') ?? 'unknown',
    connected: host.connected,
    environment: host.environment || null,
    roles: roles.map(({ role, origin }) => ({ role, origin })),
    version: host.version || null,
    lastSeenAt: timeOf(host.last_seen_at),
    lastRunAt: timeOf(host.last_run_at),
    counts: counts && { ...counts },
    drifted: host.drifted,
    commit: host.commit || null,
    wantedCatalog: host.wanted_catalog_sha256 || null,
    catalog: host.catalog_sha256 || null,
    compileProblem: host.compile_problem || null,
    mode: modeWord(host.mode),
    modeUntil: timeOf(host.mode_until),
    modeReason: host.mode_reason || null,
    modeBy: host.mode_by || null,
    certificateExpiresAt: timeOf(host.certificate_expires_at),
    clockSkewMs: host.clock_skew_ms,
    spooledReports: host.spooled_reports,
  }
}

const KINDS = {
  RUN_KIND_UNSPECIFIED: 'unknown',
  RUN_KIND_CHECK: 'check',
  RUN_KIND_APPLY: 'apply',
  RUN_KIND_REHEARSAL: 'rehearsal',
} as const
const TRIGGERS = {
  RUN_TRIGGER_UNSPECIFIED: 'unknown',
  RUN_TRIGGER_REQUEST: 'request',
  RUN_TRIGGER_SWEEP: 'sweep',
  RUN_TRIGGER_CATALOG: 'catalog',
  RUN_TRIGGER_BOOT: 'boot',
  RUN_TRIGGER_DRIFT: 'drift',
  RUN_TRIGGER_UNDO: 'undo',
} as const

/** A run for programs. */
export function runView({ head, host, received_at, requested_by, commit }: RunRow__Output) {
  const problem = head?.problem ?? null
  return {
    id: head?.run_id ?? '',
    host,
    mode: KINDS[head?.kind ?? 'RUN_KIND_UNSPECIFIED'],
    trigger: TRIGGERS[head?.trigger ?? 'RUN_TRIGGER_UNSPECIFIED'],
    requestedBy: requested_by || null,
    startedAt: timeOf(head?.started_at ?? 0),
    receivedAt: timeOf(received_at),
    ms: head?.duration_ms ?? 0,
    summary: head?.counts == null ? null : { ...head.counts },
    fingerprint: head?.fingerprint || null,
    catalog: head?.catalog_sha256 || null,
    commit: commit || null,
    problem: problem && { ...problem },
    unchangedRuns: head?.unchanged_runs ?? 0,
    droppedReports: head?.dropped_reports ?? 0,
    evidence: evidenceView(head?.evidence ?? []),
  }
}

import type { HostRow } from '../../proto/gen/drover/v1/HostRow.ts'

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

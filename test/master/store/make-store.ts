import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../../lib/sha256.ts'
import type { Report } from '../../../master/store/report.ts'
import type { Keep } from '../../../master/store/retention.ts'
import { openStore, type Store } from '../../../master/store/store.ts'

export const DAY_MS = 24 * 3_600_000
/** When the tests take place. */
export const NOW = Date.UTC(2030, 0, 10, 12)

type Tap = { testdir(): string; teardown(done: () => Promise<void>): void }

/** A store of its own for one test, closed after it. */
export async function makeStore(
  t: Tap,
  {
    now = () => NOW,
    keep,
    path = join(t.testdir(), 'store.db'),
  }: { now?: () => number; keep?: Keep; path?: string } = {},
): Promise<Store & { readonly path: string }> {
  mkdirSync(join(path, '..'), { recursive: true })
  const store = await openStore(path, now, ...(keep === undefined ? [] : [keep]))
  t.teardown(() => store.close().catch(() => {}))
  return { ...store, path }
}

/** A host that has joined. */
export async function join1(store: Store, name = 'web1', at = NOW): Promise<string> {
  const id = idOf(`host ${name} ${at}`)
  const invite = {
    id: `invite ${id}`,
    kind: 'host' as const,
    name,
    roles: '["base"]',
    join_public_key: new Uint8Array([1]),
    replaces: 0,
    created_at: at,
    created_by: 'anna',
    expires_at: at + DAY_MS,
  }
  await store.invites.add(invite)
  const use = { id: invite.id, keySha256: `key of ${id}`, at, certificate: certificateOf(id, at) }
  await store.invites.redeemHost({ ...use, hostId: id, ageRecipient: 'age1x' })
  return id
}

export const certificateOf = (serial: string, at = NOW) => ({
  certificate_serial: serial,
  certificate_expires_at: at + 7 * DAY_MS,
  certificate_chain: `chain of ${serial}`,
})

/** A UUID that is the same in each run of a test. */
export function idOf(what: string): string {
  const hex = sha256(what)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export type Outcome = { id: string; status: string; [more: string]: unknown }

const change = (to: string) => ({ field: 'content', from: 'as it was', to })
export const planned = (id: string, to = 'new'): Outcome => ({
  id,
  status: 'planned',
  changes: [change(to)],
  after: [],
})
export const changed = (id: string, to = 'new'): Outcome => ({
  id,
  status: 'changed',
  changes: [change(to)],
  previews: [{ path: '/x', diff: `-as it was\n+${to}`, note: null, added: 1, removed: 1 }],
})
export const failed = (id: string, left: string | null = null): Outcome => ({
  id,
  status: 'failed',
  reason: 'it did not work',
  changes: [],
  left: left === null ? [] : [change(left)],
})

/** A report of one run, as an agent would send it. */
export function report(
  hostId: string,
  run: string,
  outcomes: readonly Outcome[],
  { at = NOW, contested, ...head }: Partial<Report['head']> & { at?: number; contested?: unknown[] } = {},
): Report {
  const body = new TextEncoder().encode(
    JSON.stringify({ outcomes, owed: [], ...(contested && { contested }) }),
  )
  const count = (status: string) => outcomes.filter((one) => one.status === status).length
  return {
    hostId,
    body,
    head: {
      run_id: idOf(run),
      kind: 'apply',
      trigger: 'sweep',
      request_id: null,
      catalog_sha256: null,
      started_at: at,
      duration_ms: 10,
      fingerprint: null,
      body_sha256: sha256(body),
      unchanged_runs: 0,
      dropped_reports: 0,
      problem: null,
      evidence: [],
      counts: {
        settled: 5,
        planned: count('planned'),
        changed: count('changed'),
        failed: count('failed'),
        skipped: count('skipped'),
      },
      ...head,
    },
    circumstances: {
      received_at: at,
      commit: 'c0ffee',
      is_current: false,
      requested_by: null,
    },
  }
}

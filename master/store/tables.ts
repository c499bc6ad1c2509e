import type { Kysely, Selectable } from 'kysely'

/**
 * The store's tables, as `migrations/` makes them. Times are milliseconds since 1970 in UTC, hashes lower-case
 * hexadecimal, lists and records JSON.
 */
export type Tables = {
  hosts: HostTable
  invites: InviteTable
  assignments: AssignmentTable
  revisions: RevisionTable
  catalogs: CatalogTable
  catalog_blobs: CatalogBlobTable
  past_catalogs: PastCatalogTable
  bodies: BodyTable
  facts: FactsTable
  requests: RequestTable
  runs: RunTable
  run_counts: RunCountTable
  repairs: RepairTable
  changes: ChangeTable
  drift: DriftTable
  pauses: PauseTable
  contested: ContestedTable
  plans: PlanTable
  audit: AuditTable
  operators: OperatorTable
}

export type Db = Kysely<Tables>

/** A host that joined. One that joins anew under the same name is another row. */
export type HostTable = {
  id: string
  name: string
  /** Locked: its key was seen in two places. */
  state: 'active' | 'locked' | 'revoked'
  /** Counts its certificates; an older one that is presented again betrays a copied key. */
  generation: number
  /** When a certificate of this generation was seen in use first. */
  generation_used_at: number | null
  public_key_sha256: string
  age_recipient: string
  certificate_serial: string
  certificate_expires_at: number
  /** PEM, with its intermediate: for whoever asks again after the answer was lost. */
  certificate_chain: string
  joined_at: number
  revoked_at: number | null
  /** Why it is revoked or locked. */
  reason: string | null
  recoveries: number
  recovered_at: number | null
  last_seen_at: number | null
  version: string | null
  boot_id: string | null
  /** The catalog that it enforces. */
  catalog_sha256: string | null
  clock_skew_ms: number
  spooled_reports: number
  dropped_reports: number
  mode: 'enforce' | 'audit' | 'paused'
  mode_until: number | null
  mode_reason: string | null
  mode_by: string | null
  /** The newest run by the host's own account, which is not always the one that arrived last. */
  run_id: string | null
  run_kind: 'check' | 'apply' | null
  run_started_at: number | null
  run_ended_at: number | null
  settled: number
  planned: number
  changed: number
  failed: number
  skipped: number
  /** Why that run could not be made or finished. */
  run_problem: string | null
}
export type HostRow = Selectable<HostTable>

/** One row lets one host, or one operator, in once. */
export type InviteTable = {
  id: string
  kind: 'host' | 'operator'
  name: string
  /** JSON: roles to assign to the host; for an operator the one role that it gets. */
  roles: string
  join_public_key: Uint8Array
  /** 1: the host's earlier identity is revoked when this one joins. */
  replaces: number
  created_at: number
  created_by: string
  expires_at: number
  used_at: number | null
  /** Of the key that was certified: the same key may ask again, another may not. */
  used_key_sha256: string | null
}
export type InviteRow = Selectable<InviteTable>

export type AssignmentTable = { host: string; role: string; assigned_at: number; assigned_by: string }
export type AssignmentRow = Selectable<AssignmentTable>

export type RevisionTable = {
  commit: string
  found_at: number
  status: 'good' | 'bad'
  /** JSON: what lint says. */
  problems: string
}
export type RevisionRow = Selectable<RevisionTable>

/** By the name of the host: what it should have does not change with its identity. */
export type CatalogTable = {
  host: string
  /** The last good one; all `null` before there is one. */
  sha256: string | null
  commit: string | null
  inputs_digest: string | null
  compiled_at: number | null
  /** Why there is no newer one. */
  problem: string | null
  problem_commit: string | null
  problem_at: number | null
}
export type CatalogRow = Selectable<CatalogTable>

/** What a host may read. */
export type CatalogBlobTable = { host: string; sha256: string }

/** What a host had before its catalog of now, with the last commit that it was right for. */
export type PastCatalogTable = { host: string; sha256: string; commit: string | null; replaced_at: number }
export type PastCatalogRow = Selectable<PastCatalogTable>

export type BodyTable = { sha256: string; bytes: Uint8Array; stored_at: number }

/** A row for each change: these are the facts from `since` until the next row's. */
export type FactsTable = { host_id: string; since: number; sha256: string }

/** A run that somebody asked a host for. */
export type RequestTable = {
  host_id: string
  request_id: string
  requested_by: string
  requested_at: number
}
export type RequestRow = Selectable<RequestTable>

export type RunTable = {
  run_id: string
  host_id: string
  kind: 'check' | 'apply'
  /** `drift`: it looked at some resources only, which its body names, settled ones too. */
  trigger: 'request' | 'sweep' | 'catalog' | 'boot' | 'drift' | 'undo'
  request_id: string | null
  requested_by: string | null
  catalog_sha256: string | null
  commit: string | null
  started_at: number
  duration_ms: number
  received_at: number
  settled: number
  planned: number
  changed: number
  failed: number
  skipped: number
  fingerprint: string | null
  body_sha256: string
  body_bytes: number
  /** JSON: a code, a reason and a hint. */
  problem: string | null
  unchanged_runs: number
  dropped_reports: number
  /** `received_at` of a run that tells nothing new: see `isUnchanged` in report.ts. */
  unchanged_at: number | null
  /** JSON: what happened around the time of a drift, each with `at`, `kind` and `text`; `null`: nothing is known. */
  evidence: string | null
}
export type RunRow = Selectable<RunTable>

/** Runs that changed nothing, which have no row of their own. */
export type RunCountTable = { host_id: string; day_at: number; runs: number }

/** How many resources of a type were put right as fast as that, on all hosts, within an hour; 0: since ever. */
export type RepairTable = {
  hour_at: number
  type: string
  /** They took no longer, and longer than the bound before: see repairs.ts. */
  within_ms: number
  repairs: number
  /** What all of them took together. */
  ms: number
}

/** One resource that one run changed, or failed to. */
export type ChangeTable = {
  host_id: string
  /** When it was done, by the host's clock, and never later than it was received. */
  at: number
  run_id: string
  /** Its place in the run. */
  place: number
  resource: string
  status: 'changed' | 'failed'
  /** JSON: field, from and to. */
  changes: string
  diff: string
  origin: string
  commit: string | null
  requested_by: string | null
  reason: string | null
}
export type ChangeRow = Selectable<ChangeTable>

/** One resource that differs from what it should be, from `since` until it is settled. */
export type DriftTable = {
  host_id: string
  resource: string
  since: number
  last_seen_at: number
  run_id: string
  changes: string
  diff: string
  origin: string
  settled_at: number | null
  settled_run_id: string | null
}
export type DriftRow = Selectable<DriftTable>

/** A resource that a host leaves alone. */
export type PauseTable = {
  host_id: string
  resource: string
  since: number
  until: number
  /** 1: it is left alone after its end too, until somebody ends it. */
  stays: 0 | 1
  reason: string
  by: string
}
export type PauseRow = Selectable<PauseTable>

/** A resource that a host puts right again and again, by its newest report. */
export type ContestedTable = {
  host_id: string
  resource: string
  since: number
  times: number
  last_at: number
  next_at: number
  /** JSON: sentences. */
  known: string
}
export type ContestedRow = Selectable<ContestedTable>

/** A plan of several hosts that somebody has seen: for each of them its own fingerprint. */
export type PlanTable = { fingerprint: string; host: string; host_fingerprint: string; created_at: number }

/** Never updated. Each row's hash covers the hash of the one before it. */
export type AuditTable = {
  id: number
  at: number
  actor: string
  method: string
  subject: string
  detail: string
  result: string
  previous_hash: string
  hash: string
}
export type AuditRow = Selectable<AuditTable>

export type OperatorTable = {
  name: string
  role: 'viewer' | 'deployer' | 'admin'
  public_key_sha256: string | null
  /** All `null` until the invitation is used. */
  certificate_serial: string | null
  certificate_expires_at: number | null
  certificate_chain: string | null
  added_at: number
  added_by: string
  joined_at: number | null
  removed_at: number | null
}
export type OperatorRow = Selectable<OperatorTable>

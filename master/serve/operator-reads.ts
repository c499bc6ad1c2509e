import { Failure } from '../../lib/failure.ts'
import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import type { PauseRow } from '../store/tables.ts'
import { bodyOf, pieces } from './agent-service.ts'
import { diagnose } from './diagnose.ts'
import type { Handlers } from './handlers.ts'
import { hostRow, joinedHost, knownHost, knownHosts, selectHosts } from './host-rows.ts'
import { pauseRow } from './operator-pauses.ts'
import { originsOf } from './origins.ts'
import { cutPage, pageSize, placeOf } from './pages.ts'
import { changeRow, evidenceOf, foundRun, runRow } from './run-rows.ts'
import type { Serving } from './serving.ts'

type Reads =
  | 'ListHosts'
  | 'GetHost'
  | 'GetFacts'
  | 'GetCompiled'
  | 'ListRuns'
  | 'GetRun'
  | 'ListDrift'
  | 'GetPast'
  | 'ListChanges'
  | 'ListAudit'
  | 'ListOperators'
  | 'Diagnose'

// A host at a glance.
const SHOWN_RUNS = 20

/** What operators ask and nothing changes by. */
export function operatorReads(serving: Serving): Pick<Handlers<OperatorHandlers>, Reads> {
  const { store, catalogs, now } = serving
  const rolesOf = () => catalogs.site()?.roles ?? []
  return {
    async ListHosts({ selection }) {
      const [all, counts] = await Promise.all([knownHosts(serving), driftCounts(serving)])
      const wanted = selection === null ? [...all.values()] : selectHosts(all, selection, rolesOf())
      return { hosts: wanted.map((host) => hostRow(serving, host, counts.get(host.row?.id ?? '') ?? 0)) }
    },

    async GetHost({ name }) {
      const known = await knownHost(serving, name)
      const hostId = known.row?.id
      if (hostId === undefined) return { host: hostRow(serving, known, 0) }
      const hostIds = [hostId]
      const [counts, runs, drift, pauses, contested] = await Promise.all([
        driftCounts(serving),
        store.runs.list({ hostId, limit: SHOWN_RUNS }),
        store.drift.open({ hostIds, limit: pageSize(0) }),
        store.pauses.list({ hostIds, now: now() }),
        store.contested.list({ hostIds, limit: pageSize(0) }),
      ])
      return {
        host: hostRow(serving, known, counts.get(hostId) ?? 0),
        runs: runs.map((run) => runRow(run, name)),
        watching: serving.fleet.watching(hostId),
        drift: drift.map((row) => driftRow(row, pauses)),
        pauses: pauses.map(pauseRow),
        contested: contested.map(contestedRow),
      }
    },

    async GetFacts({ name, at }) {
      const { row } = await joinedHost(serving, name)
      const found = await store.facts.of({ hostId: row.id, ...(at === 0 ? {} : { at }) })
      if (found === undefined)
        throw new Failure('not-found', 'no facts are known of that time', { about: name })
      return { facts: Buffer.from(found.facts), since: found.since }
    },

    async *GetCompiled({ name }) {
      await knownHost(serving, name)
      const sha256 = catalogs.current(name)?.sha256
      if (!sha256) throw new Failure('not-found', 'there is no catalog for this host yet', { about: name })
      yield* pieces(await bodyOf(serving, sha256))
    },

    async ListRuns({ host, page_size, page_token }) {
      const size = pageSize(page_size)
      const before = placeOf(page_token, { received_at: 0, run_id: '' })
      const hostId = host === '' ? undefined : (await joinedHost(serving, host)).row.id
      const [runs, names] = await Promise.all([
        store.runs.list({ limit: size + 1, ...(hostId && { hostId }), ...(before && { before }) }),
        namesById(serving),
      ])
      const { page, next_page_token } = cutPage(runs, size, ({ received_at, run_id }) => ({
        received_at,
        run_id,
      }))
      return { runs: page.map((run) => runRow(run, names.get(run.host_id) ?? '')), next_page_token }
    },

    async GetRun({ run_id }) {
      const run = await foundRun(serving, run_id)
      const [body, names] = await Promise.all([store.bodies.get(run.body_sha256), namesById(serving)])
      const row = runRow(run, names.get(run.host_id) ?? '')
      const origins = await originsOf(serving.bodies, run.catalog_sha256, body)
      return { run: row, body: Buffer.from(body ?? []), origins }
    },

    async ListDrift({ selection, since, page_size, page_token }) {
      const size = pageSize(page_size)
      const after = placeOf(page_token, { name: '', resource: '', since: 0 })
      const isAll = selection === null || selection.all
      const wanted = isAll ? null : selectHosts(await knownHosts(serving), selection, rolesOf())
      const hostIds = wanted?.flatMap(({ row }) => (row === null ? [] : [row.id]))
      const wantedPage = { limit: size + 1, ...(hostIds && { hostIds }), ...(after && { after }) }
      const rows =
        since === 0 ? await store.drift.open(wantedPage) : await store.drift.began({ since, ...wantedPage })
      const { page, next_page_token } = cutPage(rows, size, ({ name, resource, since }) => ({
        name,
        resource,
        since,
      }))
      const of = hostIds && { hostIds }
      const [pauses, contested] = await Promise.all([
        store.pauses.list({ ...of, now: now() }),
        since === 0 && !after ? store.contested.list({ ...of, limit: pageSize(0) }) : [],
      ])
      return {
        drift: page.map((row) => driftRow(row, pauses)),
        next_page_token,
        contested: contested.map(contestedRow),
      }
    },

    async GetPast({ host, at }) {
      const { row } = await joinedHost(serving, host)
      const [run, drift] = await Promise.all([
        store.runs.applied({ hostId: row.id, at }),
        store.drift.at({ hostIds: [row.id], at, limit: pageSize(0) }),
      ])
      return { run: run ? runRow(run, host) : null, drift: drift.map((row) => driftRow(row, [])) }
    },

    async ListChanges({ host, resource, since, until, page_size, page_token }) {
      const { row } = await joinedHost(serving, host)
      const size = pageSize(page_size)
      const before = placeOf(page_token, { at: 0, run_id: '', place: 0 })
      const rows = await store.runs.changes({
        hostId: row.id,
        since,
        until: until === 0 ? Number.MAX_SAFE_INTEGER : until,
        limit: size + 1,
        ...(resource === '' ? {} : { resource }),
        ...(before && { before }),
      })
      const { page, next_page_token } = cutPage(rows, size, ({ at, run_id, place }) => ({
        at,
        run_id,
        place,
      }))
      return { changes: page.map((one) => changeRow(one, host)), next_page_token }
    },

    async ListAudit({ since, page_size, page_token }) {
      const size = pageSize(page_size)
      const place = placeOf(page_token, { id: 0 })
      const rows = await store.audit.list({ since, limit: size + 1, ...(place && { before: place.id }) })
      const { page, next_page_token } = cutPage(rows, size, ({ id }) => ({ id }))
      const shown = page.map(({ at, actor, method, subject, detail, result }) => {
        return { at, actor, method, subject, detail: Buffer.from(detail), result }
      })
      return { rows: shown, next_page_token }
    },

    async ListOperators() {
      const rows = await store.operators.list()
      const operators = rows.map(({ name, role, added_at, added_by, ...row }) => ({
        name,
        role,
        added_at,
        added_by,
        joined_at: row.joined_at ?? 0,
        removed_at: row.removed_at ?? 0,
        certificate_expires_at: row.certificate_expires_at ?? 0,
      }))
      return { operators }
    },

    Diagnose: () => diagnose(serving),
  }
}

async function driftCounts({ store }: Serving): Promise<Map<string, number>> {
  return new Map((await store.drift.counts()).map(({ host_id, drifted }) => [host_id, drifted]))
}

async function namesById({ store }: Serving): Promise<Map<string, string>> {
  return new Map((await store.hosts.names()).map(({ id, name }) => [id, name]))
}

type Drift = Awaited<ReturnType<Serving['store']['drift']['open']>>[number]

/** What differs and is paused now is said to be so. */
function driftRow(
  { host_id, name, changes, settled_at, evidence, ...row }: Drift,
  pauses: readonly PauseRow[],
) {
  const pause = pauses.find((one) => one.host_id === host_id && one.resource === row.resource)
  const isOpen = settled_at === null
  return {
    ...row,
    host: name,
    changes: Buffer.from(changes),
    settled_at: settled_at ?? 0,
    evidence: evidenceOf({ evidence }),
    pause: isOpen && pause ? pauseRow(pause) : null,
  }
}

type Contested = Awaited<ReturnType<Serving['store']['contested']['list']>>[number]

const contestedRow = ({ host_id: _, name, known, ...row }: Contested) => {
  return { ...row, host: name, known: JSON.parse(known) as string[] }
}

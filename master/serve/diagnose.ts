import { MAX_CLOCK_SKEW_MS } from '../../lib/limits.ts'
import type { DiagnoseResponse } from '../../proto/gen/drover/v1/DiagnoseResponse.ts'
import type { Finding } from '../../proto/gen/drover/v1/Finding.ts'
import type { RepairTimes } from '../../proto/gen/drover/v1/RepairTimes.ts'
import { LONGER, repairTimes } from '../store/repairs.ts'
import { type KnownHost, knownHosts } from './host-rows.ts'
import type { Serving } from './serving.ts'

const DAY_MS = 86_400_000

/** What is wrong with the master, its site and its hosts. */
export async function diagnose(serving: Serving): Promise<DiagnoseResponse> {
  const hosts = await knownHosts(serving)
  const findings = [
    ...siteFindings(serving),
    fine('secrets', `this master's recipient, for secrets/recipients.txt: ${serving.recipient}`),
    ...(await storeFindings(serving)),
    ...certificateFindings(serving),
    ...[...hosts.values()].flatMap((host) => hostFindings(serving, host)),
    ...(await contestedFindings(serving)),
    ...volatileFindings(serving),
  ]
  return { version: serving.version, findings, repairs: await repairsOf(serving) }
}

/** How fast hosts put right what somebody changed, within the last day. */
async function repairsOf({ store, now }: Serving): Promise<RepairTimes[]> {
  const times = repairTimes(await store.repairs.since({ at: now() - DAY_MS }))
  const told = (ms: number) => (ms === LONGER ? 0 : ms)
  return times.map(({ type, repairs, p50Ms, p99Ms }) => {
    return { type, repairs, p50_ms: told(p50Ms), p99_ms: told(p99Ms) }
  })
}

function siteFindings({ catalogs, siteProblem }: Serving): Finding[] {
  const problem = siteProblem()
  if (problem !== null)
    return [error('site', problem, 'what was read last stays in use'), ...verdictFindings(catalogs)]
  return verdictFindings(catalogs)
}

function verdictFindings(catalogs: Serving['catalogs']): Finding[] {
  const verdict = catalogs.lastVerdict()
  if (verdict === null) return [warning('site', 'it was not read yet', "see the master's log")]
  if (verdict.good)
    return [fine('site', `in use${verdict.commit === null ? '' : `, commit ${verdict.commit}`}`)]
  const hint = catalogs.site() === null ? 'no host gets a catalog' : 'the last good revision stays in use'
  return verdict.problems.map((problem) => error('site', problem, hint))
}

async function storeFindings({ store }: Serving): Promise<Finding[]> {
  const { at, problems } = await store.lastCheck()
  const { isLogTooLarge, logBytes } = store.size()
  if (isLogTooLarge) {
    const hint = 'some program reads the database for too long: fuser master.db in the state directory'
    return [
      warning('store', `its log has ${logBytes} bytes and is not emptied`, hint),
      ...problems.map(damage),
    ]
  }
  if (problems.length === 0) return [fine('store', `whole, as of ${new Date(at).toISOString()}`)]
  return problems.map(damage)
}

/** All but the root's is renewed by itself, so one that has little left says that it is not. */
function certificateFindings({ enrolling, now }: Serving): Finding[] {
  const [next] = enrolling.authority.ends().toSorted((a, b) => a.endsAt - b.endsAt)
  if (next === undefined) return []
  const days = Math.floor((next.endsAt - now()) / DAY_MS)
  const text = `${next.about} ends in ${days} days`
  if (days > 14) return [fine('certificates', `${text}, before all others`)]
  return [error('certificates', text, "it was not renewed: see the master's log")]
}

const damage = (problem: string) => error('store', problem, 'restore the last backup: drover restore')

function hostFindings({ catalogs, fleet, now }: Serving, { name, row }: KnownHost): Finding[] {
  const about = `host ${name}`
  const found: Finding[] = []
  const problem = catalogs.current(name)?.problem
  if (problem) found.push(error(about, `it keeps an older catalog: ${problem}`, 'mend the site'))
  if (row === null) return found
  if (row.state === 'locked') {
    return [
      ...found,
      error(about, `locked: ${row.reason}`, `look at both, then: drover invite ${name} --replace`),
    ]
  }
  if (row.state !== 'active') return found
  if (!fleet.connected(row.id))
    found.push(warning(about, 'not connected', 'systemctl status drover-agent, there'))
  if (row.certificate_expires_at !== null && row.certificate_expires_at < now() + DAY_MS) {
    found.push(
      warning(about, 'its certificate ends within a day', 'it renews by itself when it is connected'),
    )
  }
  if (Math.abs(row.clock_skew_ms) > MAX_CLOCK_SKEW_MS) {
    found.push(
      warning(about, `its clock is off by ${Math.round(row.clock_skew_ms / 1000)} s`, 'set up time there'),
    )
  }
  if (row.dropped_reports > 0) {
    found.push(
      warning(
        about,
        `${row.dropped_reports} reports were lost`,
        'it was away for longer than its spool lasts',
      ),
    )
  }
  return found
}

async function contestedFindings({ store, now }: Serving): Promise<Finding[]> {
  const found = await store.contested.list({ limit: 100 })
  return found.map(({ name, resource, times, since, known }) => {
    const span = Math.max(1, Math.round((now() - since) / 60_000))
    const what = (JSON.parse(known) as string[]).join('; ')
    const text = `${resource} was put right ${times} times within ${span} min: somebody else changes it too: ${what}`
    return warning(`host ${name}`, text, `find out who, or leave it to them: drover show ${name}`)
  })
}

/** Templates have no clock and no chance: what is rendered anew again and again is so because of facts. */
function volatileFindings({ catalogs, now }: Serving): Finding[] {
  return catalogs.volatile().map(({ host, times, since, facts, resources }) => {
    const span = Math.max(1, Math.round((now() - since) / 60_000))
    const what = resources.length === 0 ? '' : `; with it changes ${resources.join(', ')}`
    const text = `its catalog changed ${times} times within ${span} min because of ${facts.join(', ')} alone${what}`
    return warning(
      `host ${host}`,
      text,
      'read what stays the same, or write the value into the data of the site',
    )
  })
}

const fine = (about: string, text: string): Finding => ({ about, severity: 'SEVERITY_OK', text })
const warning = (about: string, text: string, hint: string): Finding => {
  return { about, severity: 'SEVERITY_WARNING', text, hint }
}
const error = (about: string, text: string, hint: string): Finding => {
  return { about, severity: 'SEVERITY_ERROR', text, hint }
}

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Failure } from '../lib/failure.ts'
import type { Log } from '../lib/log.ts'
import { type Catalogs, openCatalogs } from './catalogs/catalogs.ts'
import { keptCatalogs } from './catalogs/kept.ts'
import type { Facts } from './compile/compile.ts'
import { openPool } from './compile/pool.ts'
import { followFolder } from './follow/folder.ts'
import type { Follower } from './follow/follower.ts'
import { followGit } from './follow/git.ts'
import { answerHook } from './follow/hook.ts'
import type { World } from './master.ts'
import { type Fleet, openFleet } from './serve/fleet.ts'
import { modeOf } from './serve/host-rows.ts'
import type { HttpSetting } from './serve/http.ts'
import { pauseRow } from './serve/operator-pauses.ts'
import type { MasterSettings } from './settings.ts'
import type { Store } from './store/store.ts'

/** What each host should have, as far as the store knows. */
export async function catalogsOf(
  world: World,
  store: Store,
  changed: (host: string) => void,
  compiled: (ms: number) => void,
): Promise<Catalogs> {
  const { version, shippedRoles, log } = world
  const told = new Map((await store.facts.newest()).map(({ host_id, facts }) => [host_id, facts]))
  const facts = new Map<string, Facts>()
  for (const { id, name, state } of await store.hosts.list()) {
    const known = state === 'revoked' ? undefined : told.get(id)
    if (known !== undefined) facts.set(name, JSON.parse(Buffer.from(known).toString()) as Facts)
  }
  const assigned = new Map<string, string[]>()
  for (const { host, role } of await store.assignments.list()) {
    assigned.set(host, [...(assigned.get(host) ?? []), role])
  }
  const threads = Math.max(1, Math.min(availableParallelism() - 1, 8))
  return openCatalogs({
    openPool: () => openPool(threads, { version, shippedRoles }, compiled),
    store: keptCatalogs(store, world.now),
    facts,
    assigned,
    now: world.now,
    changed,
    fault: (error) =>
      log.error('compile failed', { stack: error instanceof Error ? error.stack : String(error) }),
  })
}

/** The agents that are connected, and what they are told. */
export function fleetOf(store: Store, catalogs: Catalogs, now: () => number): Fleet {
  return openFleet({
    now,
    catalogOf(host) {
      const current = catalogs.current(host)
      return { sha256: current?.sha256 ?? '', commit: current?.commit ?? '' }
    },
    async modeOf(hostId) {
      const at = now()
      const [row, pauses] = await Promise.all([
        store.hosts.get(hostId),
        store.pauses.list({ hostIds: [hostId], now: at }),
      ])
      if (row === undefined) throw new Failure('not-found', 'this host is not known')
      return { ...modeOf(row, at), resources: pauses.map(pauseRow) }
    },
    async seen(id, hello, spooled_reports) {
      const said = hello && {
        version: hello.version.slice(0, 64),
        boot_id: hello.boot_id.slice(0, 64),
        catalog_sha256: hello.catalog_sha256.slice(0, 64),
        clock_skew_ms: hello.now - now(),
      }
      await store.hosts.seen({ id, last_seen_at: now(), spooled_reports, ...said })
    },
  })
}

/** Follows the site, and says in the log what becomes of it. */
export async function follow(
  { site, state }: MasterSettings,
  catalogs: Catalogs,
  log: Log,
): Promise<Follower> {
  const found: Parameters<typeof followFolder>[1] = async (revision) => {
    const verdict = await catalogs.siteChanged(revision)
    const fields = { commit: revision.commit, problems: verdict.problems.length }
    if (verdict.good) log.info('site in use', fields)
    else log.warn('site has errors and is not used', { ...fields, first: verdict.problems[0] })
    return verdict
  }
  const failed = (error: unknown) => {
    log.warn('site could not be looked at', { why: error instanceof Error ? error.message : String(error) })
  }
  if ('folder' in site) return followFolder(site.folder, found, failed)
  const { git: url, branch, pollMs, allowRewrite } = site
  return followGit({ url, branch, pollMs, allowRewrite, stateDir: state }, found, failed)
}

/** Answers webhooks, where the settings name a secret. */
export function hookOf({ hookSecret }: MasterSettings, follower: Follower): HttpSetting['hook'] {
  if (hookSecret === null) return null
  const secret = readFileSync(hookSecret, 'utf8').trim()
  if (secret.length < 16) {
    throw new Failure('invalid', 'the secret of the webhook has less than 16 characters', {
      about: hookSecret,
    })
  }
  return (request, response) => answerHook(request, response, secret, () => follower.wake())
}

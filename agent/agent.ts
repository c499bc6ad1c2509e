import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Catalog } from '../lib/catalog.ts'
import { count } from '../lib/count.ts'
import type { Facts } from '../lib/facts.ts'
import { Failure } from '../lib/failure.ts'
import { SWEEP_EVERY_MS, SWEEP_SPLAY_MS } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Contested, RunResult } from '../lib/outcome.ts'
import { runId } from '../lib/run-id.ts'
import type { AnyState, ResourceId } from '../lib/state.ts'
import type { ModeNews__Output } from '../proto/gen/drover/v1/ModeNews.ts'
import { openAnswers } from './answers.ts'
import { holderOfLocks } from './apt-lock.ts'
import { type CatalogCache, openCatalogCache } from './catalog-cache.ts'
import { type CatalogNews, openCatalogNews } from './catalog-news.ts'
import { openDelivery } from './deliver.ts'
import { openStanding } from './drift.ts'
import { pushFacts } from './facts-push.ts'
import { openFights } from './fights.ts'
import type { LiveHost } from './host.ts'
import { answerTo } from './keeping.ts'
import { type Credentials, type Link, type LinkTimes, openLink } from './link.ts'
import type { Local, Session } from './local.ts'
import { lockFile } from './lock-file.ts'
import { giveBackMemory } from './memory.ts'
import { type ModeNow, openModes } from './modes.ts'
import { placesOf } from './places.ts'
import { tried } from './records.ts'
import { packed } from './rehearsal/packed.ts'
import { rehearse } from './rehearsal/rehearse.ts'
import { openRenewal, type Renewable, type Renewal } from './renewal.ts'
import { problemOf, problemReport } from './report.ts'
import { giveUpReserve, keepReserve } from './reserve.ts'
import { makeRun, type OpenSecrets, type RunParts, type Wanted } from './run.ts'
import { openRuns, type Runs } from './runs.ts'
import type { AgentSettings } from './settings.ts'
import { openSpool, type Report } from './spool.ts'
import { sweep } from './sweep.ts'
import { isOlder } from './version.ts'
import { openWatcher, watchingText } from './watch.ts'
import { leaveWatched } from './watched.ts'
import { openWitness, type Witness } from './who.ts'

export type { OpenSecrets } from './run.ts'
export type { Opened } from './secrets.ts'

/** What an agent is made of beside its settings; a test and the bench hand in their own host. */
export type AgentParts = {
  readonly version: string
  /** Of the kernel: it tells a reboot from a reconnect. */
  readonly bootId: string
  readonly credentials: () => Credentials
  /** Renewed in time; without it the certificate is what it is. */
  readonly certificate?: Renewable
  /** Where the master is, unless the settings say so. */
  readonly addresses: readonly string[]
  readonly states: ReadonlyMap<string, AnyState>
  /** Kept from run to run. */
  readonly host?: LiveHost
  readonly check: (local: Local, only: ReadonlySet<ResourceId>) => Promise<RunResult>
  readonly openSession: (local: Local) => Session
  readonly readFacts: () => Promise<Facts>
  readonly openSecrets: OpenSecrets
  /** A test has its own. */
  readonly witness?: Witness
  readonly log: Log
  readonly times?: Partial<AgentTimes>
  readonly chance?: () => number
  /** The first attempt to reach the master is made at once. */
  readonly atOnce?: boolean
}

/** Scaled down in tests; milliseconds. */
export type AgentTimes = LinkTimes & { readonly sweepMs: number; readonly splayMs: number }

export interface Agent {
  /** What does not move any more; `null`: all is well. */
  stuck(): string | null
  /** How things stand, in one line. */
  status(): string
  /** The master was heard, or an attempt has failed. */
  readonly met: Promise<void>
  /** There is a catalog: at once, or as soon as the master has made one of the first facts of this host. */
  readonly equipped: Promise<void>
  /** Nothing is to be fetched, run or delivered now. The last report of all, if a run was made. */
  settled(): Promise<Report | null>
  /** Ends the run under way after its resource, then brings what is to be told; waits for each no longer than this. */
  close(graceMs: number): Promise<void>
}

/** Enforces the last good catalog from now on, and follows the master whenever it is there. */
export function openAgent(settings: AgentSettings, parts: AgentParts): Agent {
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 })
  const lock = lockFile(join(settings.stateDir, 'agent.lock'))
  if (lock !== null) return new Daemon(settings, parts, lock)
  throw new Failure('unavailable', 'another agent is running on this host', {
    about: settings.stateDir,
    hint: 'see "systemctl status drover-agent"',
  })
}

class Daemon implements Agent {
  readonly #settings: AgentSettings
  readonly #parts: AgentParts
  readonly #log: Log
  readonly #lock: number
  readonly #cache: CatalogCache
  readonly #news: CatalogNews
  readonly #runs: Runs
  readonly #link: Link
  readonly #spool
  readonly #delivery
  readonly #modes
  readonly #sweep
  readonly #standing = openStanding()
  readonly #watcher = openWatcher({
    heard: (hint) => this.#runs.drift(hint),
    isDpkgBusy: () => holderOfLocks() !== null,
    wait: (id) => this.#fights.wait(id),
  })
  readonly #witness
  readonly #fights
  readonly #facts
  readonly #renewal: Renewal | null
  readonly #answers = openAnswers((finished) => this.#link.send({ finished }))
  readonly met: Promise<void>
  #meet: () => void = () => undefined
  readonly equipped: Promise<void>
  #equip: () => void = () => undefined
  #closed: Promise<void> | null = null
  #last: Report | null = null
  #said = ''
  /** The master's clock less this host's, in monotonic milliseconds. */
  #masterClock = Date.now() - performance.now()

  constructor(settings: AgentSettings, parts: AgentParts, lock: number) {
    const { stateDir } = settings
    const chance = parts.chance ?? Math.random
    const { sweepMs = SWEEP_EVERY_MS, splayMs = SWEEP_SPLAY_MS } = parts.times ?? {}
    this.#settings = settings
    this.#parts = parts
    this.#log = parts.log
    this.#lock = lock
    this.#witness = parts.witness ?? openWitness()
    this.met = new Promise((resolve) => {
      this.#meet = resolve
    })
    this.equipped = new Promise((resolve) => {
      this.#equip = resolve
    })
    const calls = () => this.#link.calls
    this.#spool = openSpool(stateDir, {
      lost: (what, run) => {
        this.#log.error('report lost', { run, what })
        this.#answers.lost(run.replace(/\.\w+$/, ''), what)
      },
    })
    this.#cache = openCatalogCache(stateDir, (catalog, min) => this.#accept(catalog, min))
    this.#fights = openFights(stateDir, {
      now: Date.now,
      began: (one) => this.#log.warn('contested', contestedFields(one)),
      ended: (ids) => {
        for (const resource of ids) this.#log.info('contested no more', { resource })
        // So that the master hears of it.
        this.#runs.trigger('RUN_TRIGGER_SWEEP')
      },
    })
    this.#modes = openModes(stateDir, () => this.#runs.trigger('RUN_TRIGGER_SWEEP'))
    this.#delivery = openDelivery({
      spool: this.#spool,
      calls,
      chance,
      delivered: (report) => this.#answers.delivered(report),
      refused: ({ head }, why) => this.#log.error('report refused', { run: head.run_id, why: why.message }),
      failed: (why) => this.#log.warn('report not delivered, tried again', { why: why.message }),
    })
    this.#news = openCatalogNews({
      cache: this.#cache,
      calls,
      chance,
      changed: () => {
        this.#log.info('new catalog', { catalog: this.#cache.sha256 })
        this.#follow()
        this.#runs.trigger('RUN_TRIGGER_CATALOG')
        this.#equip()
      },
      refused: (sha256, why) => this.#catalogRefused(sha256, why),
      failed: (why) => this.#log.warn('catalog not fetched, tried again', { why: why.message }),
    })
    this.#runs = openRuns({
      make: async (wanted, under) => {
        giveUpReserve(stateDir)
        const done = await makeRun(this.#runParts(), wanted, under)
        keepReserve(stateDir)
        if (done.runId === '' && done.problem)
          this.#log.warn('no run was made', { kind: wanted.kind, why: done.problem.reason })
        return done
      },
      progress: (progress) => this.#link.mention({ progress }),
      finished: (id, done) => {
        this.#answers.finished(id, done)
        this.#delivery.wake()
      },
      ended: () => this.#tidy(),
    })
    this.#facts = pushFacts({
      read: parts.readFacts,
      calls,
      failed: (why) => this.#log.warn('facts not delivered, tried again', { why: why.message }),
    })
    this.#renewal = !parts.certificate
      ? null
      : openRenewal({
          certificate: parts.certificate,
          calls,
          now: Date.now,
          renewed: (expiresAt) =>
            this.#log.info('certificate renewed', { until: new Date(expiresAt).toISOString() }),
          failed: (why) => this.#log.warn('certificate not renewed, tried again', { why: why.message }),
        })
    this.#link = openLink(
      {
        addresses: settings.servers ?? parts.addresses,
        credentials: parts.credentials,
        stateDir,
        chance,
        ...(parts.times && { times: parts.times }),
        ...(parts.atOnce && { atOnce: true }),
      },
      {
        hello: () => ({
          version: parts.version,
          boot_id: parts.bootId,
          catalog_sha256: this.#cache.sha256,
          spooled_reports: this.#spool.waiting,
        }),
        welcome: (welcome) => this.#welcome(welcome),
        heard: (message) => this.#heard(message),
        away: (why, retryMs) => {
          this.#log.warn('master away', { why: why.message, retry_ms: Math.round(retryMs) })
          this.#renewal?.look()
          this.#meet()
        },
      },
    )
    this.#sweep = sweep({ everyMs: sweepMs, splayMs }, chance, () => {
      this.#runs.trigger('RUN_TRIGGER_SWEEP')
      this.#facts.look()
    })
    this.#follow()
    this.#runs.trigger('RUN_TRIGGER_BOOT')
    if (this.#cache.sha256 !== '') this.#equip()
  }

  stuck(): string | null {
    if (!this.#runs.sound) return 'the run under way'
    return this.#link.sound ? null : 'the link to the master'
  }

  status(): string {
    const { mode, paused } = this.#modes.now()
    const contested = this.#fights.list().length
    const catalog = this.#cache.sha256.slice(0, 8)
    const words = [
      this.#link.calls === null ? 'master away' : 'master there',
      ...(mode === 'enforce' ? [] : [mode]),
      ...(paused.size === 0 ? [] : [`${count(paused.size, 'resource')} paused`]),
      ...(contested === 0 ? [] : [`${contested} contested`]),
      catalog === '' ? 'no catalog yet' : `catalog ${catalog}`,
      ...(catalog === '' ? [] : [watchingText(this.#watcher.watched)]),
      this.#runs.doing ?? this.#said,
      ...(this.#spool.waiting === 0 ? [] : [`${count(this.#spool.waiting, 'report')} to deliver`]),
    ]
    return words.filter((word) => word !== '').join('; ')
  }

  async settled(): Promise<Report | null> {
    await this.#facts.settled()
    await this.#news.settled()
    await this.#runs.idle()
    await this.#delivery.settled()
    return this.#last
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#end(graceMs)
    return this.#closed
  }

  async #end(graceMs: number): Promise<void> {
    this.#sweep.stop()
    this.#watcher.close()
    this.#news.close()
    await this.#runs.close(graceMs)
    await this.#delivery.close(graceMs)
    this.#facts.close()
    await this.#renewal?.settled()
    this.#renewal?.close()
    this.#modes.close()
    this.#fights.close()
    this.#link.close()
    closeSync(this.#lock)
  }

  #runParts(): RunParts {
    const { states, host, check, openSession, openSecrets } = this.#parts
    return {
      stateDir: this.#settings.stateDir,
      cache: this.#cache,
      spool: this.#spool,
      modes: this.#modes,
      states,
      host,
      check,
      openSession,
      standing: this.#standing,
      witness: this.#witness,
      fights: this.#fights,
      openSecrets,
      rehearse,
      bring: async (requestId, rehearsal) => {
        const calls = this.#link.calls
        // Nobody waits for an answer that comes later.
        if (calls !== null) await calls.putRehearsal(requestId, packed(rehearsal))
      },
      fetch: (sha256) => this.#news.get(sha256),
      newRunId,
      now: Date.now,
      told: (report, wanted) => this.#ranTo(report, wanted),
      fault: (stack) => this.#log.error('fault of drover in a run', { stack }),
    }
  }

  /** Listens before it looks: what comes in between is then looked at again. */
  #follow(): void {
    const held = this.#cache.held()
    if (held === null) return
    this.#fights.keep(new Set(held.catalog.resources.map(({ id }) => id)))
    this.#watcher.follow(placesOf(held.catalog, this.#parts.states))
    const { types: _, ...counts } = this.#watcher.watched
    this.#log.info('watching', counts)
    leaveWatched(this.#settings.stateDir, this.#watcher.watched)
    this.#tellWatched()
  }

  #tellWatched(): void {
    const { types, ...counts } = this.#watcher.watched
    if (this.#cache.sha256 !== '') this.#link.mention({ watching: { ...counts, types: [...types] } })
  }

  #welcome({ host, catalog, mode, now }: Parameters<Parameters<typeof openLink>[1]['welcome']>[0]): void {
    this.#log.info('master there', { host })
    this.#masterClock = now - performance.now()
    if (mode) this.#setMode(mode, now)
    this.#facts.look(catalog === null || catalog.sha256 === '')
    this.#news.right(catalog?.sha256 ?? '')
    this.#delivery.wake()
    this.#tellWatched()
    this.#renewal?.look()
    this.#meet()
  }

  #heard(message: Parameters<Parameters<typeof openLink>[1]['heard']>[0]): void {
    if (message.catalog) this.#news.right(message.catalog.sha256)
    if (message.run) {
      this.#link.mention({ received: { request_id: message.run.request_id } })
      this.#runs.order(message.run)
    }
    const { question } = message
    if (question) {
      const { request_id } = question
      this.#link.mention({ answer: { request_id, ...answerTo(this.#settings.stateDir, question) } })
    }
    if (message.cancel) this.#runs.cancel(message.cancel.request_id)
    if (message.mode) this.#setMode(message.mode, this.#masterClock + performance.now())
  }

  #setMode(news: ModeNews__Output, masterNow: number): void {
    const before = this.#modes.now()
    this.#modes.set(news, masterNow)
    const now = this.#modes.now()
    if (JSON.stringify(substanceOf(now)) === JSON.stringify(substanceOf(before))) return
    this.#log.info('mode', {
      mode: now.mode,
      by: now.by,
      reason: now.reason,
      ...(now.paused.size > 0 && { paused: [...now.paused.keys()].join(' ').slice(0, 500) }),
    })
    // What was left alone meanwhile is looked at now.
    if (now.mode !== 'paused') this.#runs.trigger('RUN_TRIGGER_SWEEP')
  }

  /** Throws where this agent can't apply a catalog. */
  #accept({ resources }: Catalog, min: string): void {
    const { version, states } = this.#parts
    const hint = 'update drover on this host; it keeps to its last catalog until then'
    if (isOlder(version, min))
      throw new Failure('conflict', `the catalog needs drover ${min}, and this is ${version}`, { hint })
    const unknown = resources.find(({ type }) => !states.has(type))
    if (unknown !== undefined)
      throw new Failure('conflict', `this drover knows no resources of type "${unknown.type}"`, {
        about: unknown.id,
        hint,
      })
  }

  #catalogRefused(sha256: string, why: Failure): void {
    this.#log.error('catalog refused', { catalog: sha256, why: why.message, hint: why.hint })
    const begun = {
      run_id: newRunId(),
      kind: 'RUN_KIND_APPLY',
      trigger: 'RUN_TRIGGER_CATALOG',
      request_id: '',
      catalog_sha256: sha256,
      started_at: Date.now(),
    } as const
    this.#spool.end(problemReport(begun, problemOf(why), 0))
    this.#delivery.wake()
  }

  #ranTo(report: Report, { hint }: Wanted): void {
    const { run_id, kind, trigger, duration_ms, counts, problem } = report.head
    const { settled, planned, changed, failed, skipped } = counts ?? {}
    this.#last = report
    this.#said = `last run: ${changed} changed, ${failed} failed, ${planned} due`
    const fields = { run: run_id, kind: wordOf(kind), trigger: wordOf(trigger), ms: duration_ms }
    const counted = { settled, planned, changed, failed, skipped, problem: problem?.reason }
    // From the first event to the end of the run.
    const latency = hint && { latency_ms: Math.round(performance.now() - Math.min(...hint.values())) }
    this.#log[failed || problem ? 'warn' : 'info']('run ended', { ...fields, ...latency, ...counted })
  }

  #tidy(): void {
    this.#delivery.wake()
    this.#news.mend()
    if (!this.#news.busy) tried(() => this.#cache.tidy())
    giveBackMemory()
  }
}

const contestedFields = ({ id, times, since, known }: Contested) => ({
  ...{ resource: id, times, since: new Date(since).toISOString(), known: known.join('; ') },
})

/** What makes a mode another one. */
const substanceOf = ({ mode, until, paused }: ModeNow) => [mode, until, [...paused]]

const newRunId = () => runId(Date.now(), randomBytes(10))

/** `RUN_TRIGGER_SWEEP` is a sweep. */
const wordOf = (name: unknown) => String(name).split('_').at(-1)?.toLowerCase()

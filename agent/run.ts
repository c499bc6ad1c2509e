import { closeSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import type { Blobs, Catalog } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import { movedSince } from '../lib/fingerprint.ts'
import { COMMAND_TIMEOUT_MS, REHEARSAL_TIMEOUT_MS, RUN_LOCK_TIMEOUT_MS } from '../lib/limits.ts'
import type { RunResult } from '../lib/outcome.ts'
import type { Rehearsal } from '../lib/rehearsal.ts'
import { type AnyState, pathsOf, type ResourceId } from '../lib/state.ts'
import type { Problem } from '../proto/gen/drover/v1/Problem.ts'
import type { RunTrigger } from '../proto/gen/drover/v1/RunTrigger.ts'
import type { SealedSecret__Output } from '../proto/gen/drover/v1/SealedSecret.ts'
import type { CatalogCache, Held } from './catalog-cache.ts'
import type { Hint, Standing } from './drift.ts'
import { beforeRepair } from './evidence.ts'
import { failureOf, scrubbed } from './failures.ts'
import type { Fights } from './fights.ts'
import { type LiveHost, openHost } from './host.ts'
import { runLock } from './journal.ts'
import { openLatencies } from './latency.ts'
import type { Local, Session } from './local.ts'
import type { Modes } from './modes.ts'
import type { RunEvent } from './pass.ts'
import { isOfDisk } from './records.ts'
import type { Wanted as Rehearsing } from './rehearsal/rehearse.ts'
import { type Begun, problemOf, problemReport, reportOf } from './report.ts'
import type { Opened } from './secrets.ts'
import type { Report, Spool } from './spool.ts'
import { type Undoing, undoingOf } from './undo.ts'
import type { Witness } from './who.ts'

/** Puts the secrets of a catalog in their places, in memory, just before a run. */
export type OpenSecrets = (
  catalog: Catalog,
  blobs: Blobs,
  sealed: readonly SealedSecret__Output[],
) => Promise<Opened>

/** A run that is to be made. Of its own accord the agent does what its mode lets it do. */
export type Wanted = {
  readonly kind: 'own' | 'check' | 'apply' | 'rehearsal'
  readonly trigger: RunTrigger
  /** Who waits for it. */
  readonly requests: readonly string[]
  /** Apply what has this fingerprint, or nothing. */
  readonly fingerprint: string
  /** The catalog that it is about; empty for the one that is here. */
  readonly catalogSha256: string
  /** What it is about; `null`: all. */
  readonly hint: Hint | null
  /** The run whose changes are put back; empty: it is about what the catalog declares. */
  readonly undoRunId: string
}

/** `runId` is empty where there was no run. */
export type Done = { readonly runId: string; readonly problem: Problem | null }

export type Under = {
  /** Ends it after the resource under way. */
  readonly stop: AbortSignal
  /** Ends the command under way. */
  readonly kill: AbortSignal
  readonly tell: (event: RunEvent, allowedMs: number) => void
  readonly waiting: (what: string) => void
}

export type RunParts = {
  readonly stateDir: string
  readonly cache: Pick<CatalogCache, 'held'>
  readonly spool: Pick<Spool, 'begin' | 'end' | 'forget'>
  readonly modes: Pick<Modes, 'now'>
  readonly states: ReadonlyMap<string, AnyState>
  readonly host: LiveHost | undefined
  readonly check: (local: Local, only: ReadonlySet<ResourceId>) => Promise<RunResult>
  readonly openSession: (local: Local) => Session
  readonly standing: Standing
  readonly witness: Witness
  readonly fights: Pick<Fights, 'see' | 'note' | 'before' | 'list'>
  readonly openSecrets: OpenSecrets
  readonly rehearse: (wanted: Rehearsing) => Promise<Rehearsal>
  /** Brings what a rehearsal came to. */
  readonly bring: (requestId: string, rehearsal: Rehearsal) => Promise<void>
  /** Gets the catalog that an order is about. */
  readonly fetch: (sha256: string) => Promise<void>
  readonly newRunId: () => string
  readonly now: () => number
  readonly told: (report: Report, wanted: Wanted) => void
  /** A fault of drover, with the place where it came from. */
  readonly fault: (stack: string) => void
}

const LOCK_EVERY_MS = 1000

/** Makes one run and writes down what came of it. Never throws. */
export async function makeRun(parts: RunParts, wanted: Wanted, under: Under): Promise<Done> {
  try {
    const kind = kindOf(parts, wanted)
    if (kind === null) return NO_RUN
    if (wanted.catalogSha256 !== '') await parts.fetch(wanted.catalogSha256)
    const held = parts.cache.held()
    if (held === null) throw new Failure('not-found', 'this host has no catalog yet', { hint: NO_CATALOG })
    if (kind === 'rehearsal') return await rehearsed(parts, wanted, held, under)
    const { undoRunId } = wanted
    const undo = undoRunId === '' ? null : undoingOf(parts.stateDir, undoRunId, held.catalog.resources)
    return await begin(parts, wanted, kind, held, undo, under)
  } catch (error) {
    return { runId: '', problem: problemOf(error) }
  }
}

const NO_RUN: Done = { runId: '', problem: null }

/** Nothing is written down: the host is as it was. */
async function rehearsed(parts: RunParts, wanted: Wanted, held: Held, under: Under): Promise<Done> {
  const { states, stateDir } = parts
  const { stop: signal, waiting } = under
  // Nothing of ours changes the host below the copy.
  const lock = await untilFree(() => runLock(stateDir), { signal, waiting })
  const rehearsal = await parts
    .rehearse({
      ...{ catalog: held.catalog, blobs: held.blobs, sealed: held.sealed, states, stateDir },
      paused: parts.modes.now().paused,
      host: parts.host ?? openHost(stateDir),
      tell: (event) => under.tell(event, REHEARSAL_TIMEOUT_MS),
      ...{ waiting, signal },
    })
    .finally(() => closeSync(lock))
  for (const id of wanted.requests) await parts.bring(id, rehearsal)
  return NO_RUN
}

/** From here on there is something to report, whatever comes of it; but for a look that came to nothing. */
async function begin(
  parts: RunParts,
  wanted: Wanted,
  kind: 'check' | 'apply',
  held: Held,
  undo: Undoing | null,
  under: Under,
): Promise<Done> {
  const begun: Begun = {
    run_id: parts.newRunId(),
    kind: kind === 'check' ? 'RUN_KIND_CHECK' : 'RUN_KIND_APPLY',
    trigger: wanted.trigger,
    request_id: wanted.requests[0] ?? '',
    catalog_sha256: held.sha256,
    started_at: parts.now(),
  }
  const started = performance.now()
  let report: Report
  try {
    const opened = await parts.openSecrets(held.catalog, held.blobs, held.sealed)
    const only = await calledFor(parts, wanted, kind, opened, under)
    if (only?.size === 0) return { runId: '', problem: null }
    const { hint } = wanted
    const addEvidence = hint && only && beforeRepair(parts, hint, only, opened.catalog)
    report = await inSession(parts, begun, wanted, { only, undo }, opened, under)
    if (addEvidence) report = await addEvidence(report, opened.scrub)
    // Files are looked at by the fights themselves.
    const others = (report.head.evidence ?? []).filter(({ kind }) => kind !== 'file')
    if (only)
      parts.fights.before(
        only,
        others.map(({ text = '' }) => text),
      )
  } catch (error) {
    report = problemReport(begun, problemOf(error), Math.round(performance.now() - started))
  }
  parts.spool.end(report)
  parts.told(report, wanted)
  return { runId: begun.run_id, problem: report.head.problem ?? null }
}

const NO_CATALOG = 'give it roles in the site, or with "drover assign", and see "drover hosts"'

function kindOf(
  { modes, cache }: RunParts,
  { kind, undoRunId }: Wanted,
): 'check' | 'apply' | 'rehearsal' | null {
  const { mode, until, reason, by } = modes.now()
  // A host is often paused just so that something can be undone.
  if (kind === 'apply' && mode === 'paused' && undoRunId === '') {
    const end = until === 0 ? '' : ` until ${new Date(until).toISOString()}`
    throw new Failure(
      'conflict',
      `this host is paused${end} by ${by || 'somebody'}: ${reason || 'no reason given'}`,
      {
        hint: 'let it go on with "drover resume"',
      },
    )
  }
  if (kind !== 'own') return kind
  if (mode === 'paused' || cache.held() === null) return null
  return mode === 'audit' ? 'check' : 'apply'
}

/**
 * What was heard of is looked at, and left alone where it stands as the last run left it: most of what an agent hears
 * it did itself. Empty: there is nothing to do; `null`: the run is about all.
 */
async function calledFor(
  parts: RunParts,
  { hint }: Wanted,
  kind: 'check' | 'apply',
  opened: Opened,
  under: Under,
): Promise<Set<ResourceId> | null> {
  if (hint === null) return null
  const local = localOf(parts, opened, under)
  const { outcomes } = await parts.check(local, new Set(hint.keys()))
  const news = parts.standing.news(outcomes.map(opened.conceal), kind)
  if (kind === 'apply') seeTraces(parts, news, local.catalog)
  return news.length === 0 ? new Set() : parts.standing.calledBy(news, local.catalog.resources)
}

/** Before they are written over. */
function seeTraces({ fights, states }: RunParts, ids: readonly ResourceId[], { resources }: Catalog): void {
  const about = new Set(ids)
  for (const { id, type, name, props } of resources)
    if (about.has(id)) fights.see(id, pathsOf(states.get(type), name, props)[0] ?? null)
}

function localOf(
  { states, host, stateDir, modes }: RunParts,
  { catalog, blobs, scrub }: Opened,
  { stop: signal, kill, ...under }: Under,
): Local {
  const waiting = (what: string) => under.waiting(scrub(what))
  const tell = (event: RunEvent) => under.tell(event, allowedMs(catalog, event))
  const { paused } = modes.now()
  return { catalog, blobs, states, stateDir, tell, waiting, signal, kill, paused, ...(host && { host }) }
}

/** What a run is about: all that is declared, some of it, or what another run changed. */
type About = { readonly only: ReadonlySet<ResourceId> | null; readonly undo: Undoing | null }

async function inSession(
  parts: RunParts,
  begun: Begun,
  wanted: Wanted,
  { only, undo }: About,
  opened: Opened,
  under: Under,
): Promise<Report> {
  const { scrub } = opened
  const asked = localOf(parts, opened, under)
  const latencies = openLatencies(wanted.hint)
  const tell = (event: RunEvent) => {
    latencies.hear(event)
    asked.tell(event)
  }
  const local = { ...asked, tell, runId: begun.run_id, ...(undo && { undo }) }
  const session = await untilFree(() => parts.openSession(local), local)
  try {
    parts.spool.begin(begun)
    const { result, problem } = await converged(session, begun, wanted, only, opened, local)
    // Of an undo nothing is as the catalog says.
    if (undo === null) parts.standing.note(result.outcomes, only === null)
    if (isCorrection(begun)) parts.fights.note(result.outcomes)
    const outcomes = latencies.stamp(result.outcomes)
    const more = { contested: parts.fights.list(), ...(undo && { undo: undoOf(undo) }) }
    return reportOf(begun, local.catalog.host, { ...result, outcomes }, problem, more)
  } catch (thrown) {
    const error = isOfDisk(thrown) ? failureOf(thrown) : thrown
    if (!(error instanceof Failure)) parts.fault(scrub(String((error as Error)?.stack ?? error)))
    throw scrubbed(error, scrub)
  } finally {
    session.close()
  }
}

const undoOf = ({ runId, whole }: Undoing) => ({ runId, whole })

/** What it changes was as declared before: neither the catalog is new nor the agent. */
const isCorrection = ({ kind, trigger }: Begun) =>
  kind === 'RUN_KIND_APPLY' && (trigger === 'RUN_TRIGGER_DRIFT' || trigger === 'RUN_TRIGGER_SWEEP')

async function converged(
  session: Session,
  begun: Begun,
  wanted: Wanted,
  only: ReadonlySet<ResourceId> | null,
  { conceal, scrub }: Opened,
  { catalog, tell, signal }: Local,
): Promise<{ result: RunResult; problem: Problem | null }> {
  /** As others may see it; what is performed is never this. */
  const shown = ({ outcomes, owed, held, ms }: RunResult): RunResult => ({
    outcomes: outcomes.map(conceal),
    owed: owed.map((one) => ({ ...one, why: scrub(one.why) })),
    held,
    ms,
  })
  const made = (result: RunResult) => ({ result: shown(result), problem: problemWith(result, signal) })
  const some = only ?? undefined
  if (begun.kind === 'RUN_KIND_CHECK') return made(await session.check(tell, some))
  if (wanted.fingerprint === '') return made(await session.apply(undefined, some))
  const now = await session.check(tell)
  if (movedSince(wanted.fingerprint, catalog.host, shown(now).outcomes) === null)
    return made(await session.apply(now.outcomes))
  return { result: shown(now), problem: problemOf(moved()) }
}

/** What is to be told of a run beside what became of its resources. */
function problemWith({ held }: RunResult, signal: AbortSignal): Problem | null {
  if (signal.aborted) return problemOf(stopped())
  return held && { code: 'exhausted', reason: held.reason, hint: held.hint }
}

const moved = () =>
  new Failure('conflict', 'the host is no longer what it was when the plan was made; nothing was changed', {
    hint: 'look at a new plan',
  })

const stopped = () =>
  new Failure('unavailable', 'the run was ended before its end', {
    hint: 'what is left is done by the next run',
  })

/** Waits for another run of drover on this host, such as `drover local`. */
async function untilFree<T>(
  open: () => T,
  { signal, waiting, host }: Pick<Local, 'signal' | 'waiting' | 'host'>,
): Promise<T> {
  const started = performance.now()
  for (let told = false; ; told = true) {
    try {
      return open()
    } catch (error) {
      const isTaken = error instanceof Failure && error.code === 'unavailable'
      if (!isTaken || performance.now() - started >= RUN_LOCK_TIMEOUT_MS) throw error
      if (!told) waiting('waiting for another run of drover on this host')
      await after(LOCK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      // What a look found before this is old by now.
      host?.forget()
      if (signal.aborted) throw stopped()
    }
  }
}

/** How long nothing more may be heard after an event: what is under way has its own deadline, and no run is stuck. */
function allowedMs({ resources }: Catalog, event: RunEvent): number {
  if (event.kind !== 'step') return COMMAND_TIMEOUT_MS
  const own = resources.find(({ id }) => id === event.id)?.timeoutMs ?? 0
  return Math.max(own, RUN_LOCK_TIMEOUT_MS, COMMAND_TIMEOUT_MS)
}

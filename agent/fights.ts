import { join } from 'node:path'
import {
  CALM_MS,
  CONTESTED,
  CONTESTED_FIRST_MS,
  CONTESTED_MAX_MS,
  MAX_CONTESTED,
  MAX_KNOWN_CHARACTERS,
} from '../lib/limits.ts'
import type { Contested, Outcome } from '../lib/outcome.ts'
import { isReaction } from '../lib/plan.ts'
import { sha256 } from '../lib/sha256.ts'
import type { ResourceId } from '../lib/state.ts'
import { lstat } from './lstat.ts'
import { readJson, writeJson } from './records.ts'

/**
 * Resources that are put right again and again, since another hand changes them too. They go on being put right, but
 * ever more slowly, so that the host stays calm; until they stay as they are.
 */
export interface Fights {
  /** Milliseconds for which a contested resource is left alone still. */
  wait(id: ResourceId): number
  /** It differs, and is about to be put right: takes down what the other hand has left at `path`. */
  see(id: ResourceId, path: string | null): void
  /** Takes down what a run put right of what was not declared anew. */
  note(outcomes: readonly Outcome[]): void
  /** What happened on the host not long before these differed, the newest first. */
  before(ids: Iterable<ResourceId>, texts: readonly string[]): void
  list(): Contested[]
  /** Only these are declared still. */
  keep(ids: ReadonlySet<ResourceId>): void
  close(): void
}

export type FightParts = {
  readonly now: () => number
  readonly began: (one: Contested) => void
  readonly ended: (ids: readonly ResourceId[]) => void
}

/** What is remembered of one resource. Times by the host's clock. */
type Bout = {
  /** When it was put right, the newest last. */
  readonly at: readonly number[]
  /** Digests of what was found, the newest last. */
  readonly found: readonly string[]
  readonly fields: readonly string[]
  readonly trace: Trace | null
  /** What happened before it differed last. */
  readonly before: readonly string[]
  /** How often it was put right since it is contested; 0: it is not. */
  readonly times: number
  readonly since: number
  readonly nextAt: number
}

/** What the other hand has left. */
type Trace = { readonly afterMs: number; readonly uid: number }

const MOST = Math.max(...CONTESTED.map(({ times }) => times))
const LONGEST_MS = Math.max(...CONTESTED.map(({ withinMs }) => withinMs))
// One that was put right less often is worth no write to disk.
const MIN_KEPT = 3
const MAX_BEFORE = 3

/** Through restarts, from where it has become worth it. */
export function openFights(stateDir: string, parts: FightParts): Fights {
  return new KeptFights(join(stateDir, 'fights'), parts)
}

class KeptFights implements Fights {
  readonly #file: string
  readonly #parts: FightParts
  readonly #bouts: Map<ResourceId, Bout>
  #isKept: boolean
  #timer: NodeJS.Timeout | null = null

  constructor(file: string, parts: FightParts) {
    this.#file = file
    this.#parts = parts
    const kept = readJson<[ResourceId, Bout][]>(file)
    this.#isKept = kept !== null && kept.length > 0
    this.#bouts = new Map(kept)
    this.#scheduleCalm()
  }

  wait(id: ResourceId): number {
    const bout = this.#bouts.get(id)
    if (bout === undefined || bout.times === 0) return 0
    const now = this.#parts.now()
    // A clock that was set back makes nobody wait for longer than was meant.
    return now < lastOf(bout) ? 0 : Math.max(0, bout.nextAt - now)
  }

  see(id: ResourceId, path: string | null): void {
    const bout = this.#bouts.get(id)
    const stats = bout && path !== null ? lstat(path) : null
    if (bout === undefined || stats === null) return
    const afterMs = Math.round(stats.mtimeMs - lastOf(bout))
    this.#bouts.set(id, { ...bout, trace: afterMs < 0 ? null : { afterMs, uid: stats.uid } })
  }

  note(outcomes: readonly Outcome[]): void {
    const now = this.#parts.now()
    const corrected = outcomes.filter(isCorrected)
    for (const outcome of corrected) {
      const before = this.#bouts.get(outcome.id)
      const bout = boutAfter(before, outcome, now)
      this.#bouts.set(outcome.id, bout)
      if (bout.times > 0 && (before?.times ?? 0) === 0) this.#parts.began(contestedOf(outcome.id, bout))
    }
    if (corrected.length === 0) return
    for (const [id, bout] of this.#bouts) if (now - lastOf(bout) > LONGEST_MS) this.#bouts.delete(id)
    this.#write()
    this.#scheduleCalm()
  }

  before(ids: Iterable<ResourceId>, texts: readonly string[]): void {
    for (const id of ids) {
      const bout = this.#bouts.get(id)
      if (bout !== undefined) this.#bouts.set(id, { ...bout, before: texts.slice(0, MAX_BEFORE) })
    }
  }

  list(): Contested[] {
    const fights = [...this.#bouts].filter(([, { times }]) => times > 0)
    return fights.slice(0, MAX_CONTESTED).map(([id, bout]) => contestedOf(id, bout))
  }

  keep(ids: ReadonlySet<ResourceId>): void {
    const gone = [...this.#bouts.keys()].filter((id) => !ids.has(id))
    for (const id of gone) this.#bouts.delete(id)
    if (gone.length > 0) this.#write()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #write(): void {
    const worth = [...this.#bouts].filter(([, { at }]) => at.length >= MIN_KEPT)
    if (worth.length === 0 && !this.#isKept) return
    try {
      writeJson(this.#file, worth)
      this.#isKept = worth.length > 0
    } catch {
      // A disk that is full costs what a restart would know of fights, and no run: those say how it is with the disk.
    }
  }

  #scheduleCalm(): void {
    this.close()
    const contested = [...this.#bouts.values()].filter(({ times }) => times > 0)
    if (contested.length === 0) return
    const ms = Math.min(...contested.map((bout) => this.#untilCalm(bout)))
    this.#timer = setTimeout(() => this.#calm(), Math.max(1, ms))
    this.#timer.unref()
  }

  /** Milliseconds. Of what a clock that was set back calls the future nobody knows how long ago it was. */
  #untilCalm(bout: Bout): number {
    return CALM_MS - Math.abs(this.#parts.now() - lastOf(bout))
  }

  #calm(): void {
    const calm = [...this.#bouts].filter(([, bout]) => bout.times > 0 && this.#untilCalm(bout) <= 0)
    for (const [id] of calm) this.#bouts.delete(id)
    if (calm.length > 0) {
      this.#write()
      this.#parts.ended(calm.map(([id]) => id))
    }
    this.#scheduleCalm()
  }
}

const lastOf = ({ at }: Bout) => at.at(-1) ?? 0

/** It was put right, or tried: who is quicker than the agent makes it fail. */
function isCorrected(outcome: Outcome): outcome is Extract<Outcome, { status: 'changed' | 'failed' }> {
  if (outcome.status === 'failed') return outcome.steps.length > 0 && !outcome.changes.every(isReaction)
  return outcome.status === 'changed' && !outcome.changes.every(isReaction)
}

const NONE: Bout = { at: [], found: [], fields: [], trace: null, before: [], times: 0, since: 0, nextAt: 0 }

function boutAfter(
  before: Bout = NONE,
  { changes }: Extract<Outcome, { status: 'changed' | 'failed' }>,
  now: number,
): Bout {
  // What a clock that was set back calls the future is not known to be near.
  const at = [...before.at.filter((one) => one <= now && now - one < LONGEST_MS), now].slice(-MOST)
  const found = sha256(JSON.stringify(changes.map(({ field, from }) => [field, from])))
  const fields = changes.filter((change) => !isReaction(change)).map(({ field }) => field)
  const bout = { ...before, at, found: [...before.found, found].slice(-MOST), fields }
  if (before.times === 0) {
    const times = Math.max(0, ...CONTESTED.map((rule) => timesOf(at, rule, now)))
    if (times === 0) return bout
    return { ...bout, times, since: at.at(-times) ?? now, nextAt: now + CONTESTED_FIRST_MS }
  }
  const waited = before.nextAt - lastOf(before)
  return { ...bout, times: before.times + 1, nextAt: now + Math.min(2 * waited, CONTESTED_MAX_MS) }
}

/** How often within the time of a rule; 0: not often enough for it. */
function timesOf(
  at: readonly number[],
  { times, withinMs }: (typeof CONTESTED)[number],
  now: number,
): number {
  const within = at.filter((one) => now - one < withinMs).length
  return within >= times ? within : 0
}

const contestedOf = (id: ResourceId, bout: Bout): Contested => ({
  ...{ id, since: bout.since, times: bout.times, lastAt: lastOf(bout), nextAt: bout.nextAt },
  known: knownOf(bout).map((text) => text.slice(0, MAX_KNOWN_CHARACTERS)),
})

/** What is known of the other hand, in sentences. */
function knownOf({ found, fields, trace, before }: Bout): string[] {
  const states = new Set(found).size
  const of = `the last ${found.length} times`
  return [
    `it changes ${fields.join(', ')}`,
    states === 1 ? `it left the same ${of}` : `it left ${states} different states ${of}`,
    ...(trace === null
      ? []
      : [
          `it wrote ${secondsText(trace.afterMs)} after that was put right; what it left belongs to uid ${trace.uid}`,
        ]),
    ...before.map((text) => `not long before: ${text}`),
  ]
}

const secondsText = (ms: number) => `${(ms / 1000).toFixed(1)} s`

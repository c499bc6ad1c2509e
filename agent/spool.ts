import { join } from 'node:path'
import { MAX_SPOOL_BYTES } from '../lib/limits.ts'
import { sha256 } from '../lib/sha256.ts'
import type { ReportHead } from '../proto/gen/drover/v1/ReportHead.ts'
import { readJson, tried, writeJson } from './records.ts'
import { type Found, type Meta, nameOf, type Report, SpoolFiles } from './spool-files.ts'

export type { Report } from './spool-files.ts'

/**
 * Reports on disk until the master has them.
 *
 * Each run is one file, `<run id>.run`, from before it begins. When its report is about to be sent for the first time
 * it becomes `<run id>.sent`: from then on the master may have it, so that it is neither changed nor counted as
 * another. Together with the master, which records a run id once, each report arrives exactly once.
 *
 * Where the disk takes nothing, a report is told from memory: that the disk is full should be known.
 */
export interface Spool {
  /** How many reports wait for the master. */
  readonly waiting: number
  /** On disk when it returns. */
  begin(head: ReportHead & { run_id: string }): void
  /** On disk when it returns, or in memory where that can't be. What began and is not to be told of ends with `forget`. */
  end(report: Report): void
  forget(runId: string): void
  /** The oldest, ready to be sent; it stays until `delivered` or `refused`. */
  next(): Report | null
  /** The master has it. */
  delivered(runId: string): void
  /** The master wants it under no circumstances. */
  refused(runId: string): void
}

/** What is kept of a report in memory. */
type Entry = { readonly id: string; readonly bytes: number; readonly worth: Worth; sent: boolean }

/** What is dropped first when there is no room. */
const WORTH = { unchanged: 0, due: 1, changed: 2 } as const
type Worth = keyof typeof WORTH

/** Reports that were lost; `given`: how many of them the report of that run tells of. */
type Losses = {
  readonly dropped: number
  readonly given: { readonly id: string; readonly count: number } | null
}

// What a file takes on a disk, however small it is.
const MIN_FILE_BYTES = 4096
const MAX_HELD = 16

export type SpoolOptions = {
  readonly maxBytes?: number
  /** Told of each loss, in words. */
  readonly lost?: (what: string, about: string) => void
}

/** Opens the spool of a state folder; what began and never ended, since the agent was killed, is reported as that. */
export function openSpool(stateDir: string, options: SpoolOptions = {}): Spool {
  return new FolderSpool(join(stateDir, 'spool'), options)
}

class FolderSpool implements Spool {
  readonly #files: SpoolFiles
  readonly #lossesFile: string
  readonly #maxBytes: number
  readonly #lost: (what: string, about: string) => void
  /** In the order in which they came. */
  readonly #entries = new Map<string, Entry>()
  /** Reports that could not be written. */
  readonly #held = new Map<string, Found>()
  #losses: Losses

  constructor(dir: string, { maxBytes = MAX_SPOOL_BYTES, lost = () => undefined }: SpoolOptions) {
    this.#files = new SpoolFiles(dir)
    this.#lossesFile = join(dir, 'losses')
    this.#maxBytes = maxBytes
    this.#lost = lost
    this.#losses = readJson<Losses>(this.#lossesFile) ?? { dropped: 0, given: null }
    this.#load()
    this.#makeRoom()
  }

  get waiting(): number {
    return this.#entries.size
  }

  begin(head: Report['head']): void {
    this.#files.write({ head, body: Buffer.alloc(0) }, { ended: false, instead: null, sent: false })
  }

  end(report: Report): void {
    const last = [...this.#entries.values()].at(-1)
    const collapses = isUnchanged(report.head) && last?.worth === 'unchanged' && !last.sent
    const before = collapses ? this.#read(last.id, false) : null
    const counted = before === null ? report : countedIn(report, before.meta.head)
    const instead = before?.meta.head.run_id ?? null
    if (tried(() => this.#files.write(counted, { ended: true, instead, sent: false }))) {
      if (instead !== null) this.#remove(instead)
      this.#add(counted, false)
    } else this.#hold(report)
    this.#makeRoom()
  }

  #hold({ head, body }: Report): void {
    this.#held.set(head.run_id, { meta: { ended: true, instead: null, head }, body })
    this.#add({ head, body }, false)
    const [oldest] = this.#held.keys()
    if (this.#held.size <= MAX_HELD || oldest === undefined) return
    this.#remove(oldest)
    this.#drop('it could not be written, nor be told', oldest)
  }

  forget(id: string): void {
    // What stays is told anew, and the master knows it by its id.
    tried(() => this.#files.remove(id, false))
  }

  next(): Report | null {
    for (const { id, sent } of this.#entries.values()) {
      const found = this.#read(id, sent)
      if (found === null) this.#entries.delete(id)
      else return sent ? { head: found.meta.head, body: found.body } : this.#seal(found.meta, found.body)
    }
    return null
  }

  delivered(id: string): void {
    this.#remove(id)
    if (this.#losses.given?.id === id) this.#keepLosses({ ...this.#losses, given: null })
  }

  refused(id: string): void {
    const why = 'the master refused it'
    this.#entries.delete(id)
    if (this.#held.delete(id)) this.#drop(why, id)
    else this.#setAside(id, this.#files.isSent(id), why)
  }

  /** From here on it is what it is: the master may have it after any attempt, whether that was answered or not. */
  #seal(meta: Meta, body: Buffer): Report {
    const id = meta.head.run_id
    const { dropped: count } = this.#losses
    const report = { head: meta.head, body }
    if (this.#held.has(id)) {
      // It stays as it is for as long as this process lives.
    } else if (count === 0) {
      tried(() => this.#files.markSent(id))
    } else {
      this.#keepLosses({ dropped: 0, given: { id, count } })
      const head = { ...meta.head, dropped_reports: (meta.head.dropped_reports ?? 0) + count }
      if (
        tried(() => this.#files.write({ head, body }, { ended: true, instead: meta.instead, sent: true }))
      ) {
        report.head = head
        this.forget(id)
      } else this.#keepLosses({ dropped: count, given: null })
    }
    this.#add(report, true)
    return report
  }

  #load(): void {
    const { sent, unsent } = this.#files.list()
    // A kill came between a count that was given to a report and the report that tells of it.
    const { dropped, given } = this.#losses
    if (given && unsent.has(given.id) && !sent.has(given.id))
      this.#keepLosses({ dropped: dropped + given.count, given: null })
    const counted = [...new Set([...sent, ...unsent])].sort().flatMap((id) => this.#loadOne(id, sent.has(id)))
    for (const id of counted) if (this.#entries.get(id)?.sent === false) this.#remove(id)
  }

  /** The report that this one counts, if it does. */
  #loadOne(id: string, sent: boolean): string[] {
    // Where both are there, a kill came just before the one that is not sent was removed.
    if (sent) this.forget(id)
    const found = this.#read(id, sent)
    if (found === null) return []
    const { meta, body } = found
    if (meta.ended) this.#add({ head: meta.head, body }, sent)
    else this.end({ head: { ...meta.head, ...CUT_SHORT }, body: NOTHING })
    return meta.instead === null ? [] : [meta.instead]
  }

  #read(id: string, sent: boolean): Found | null {
    const held = this.#held.get(id)
    if (held !== undefined) return held
    const found = this.#files.read(id, sent)
    // It could not be renamed when it was sent.
    if (found === 'absent') return sent ? this.#read(id, false) : null
    if (found !== 'damaged') return found
    this.#setAside(id, sent, 'it was damaged on disk')
    return null
  }

  #add({ head, body }: Report, sent: boolean): void {
    const bytes = Math.max(MIN_FILE_BYTES, body.length)
    this.#entries.set(head.run_id, { id: head.run_id, bytes, worth: worthOf(head), sent })
  }

  #remove(id: string): void {
    tried(() => this.#files.remove(id, true))
    this.forget(id)
    this.#entries.delete(id)
    this.#held.delete(id)
  }

  #makeRoom(): void {
    let total = [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    if (total <= this.#maxBytes) return
    // One that may be at the master already is counted there, and the newest says how things stand.
    const unsent = [...this.#entries.values()].filter(({ sent }) => !sent).slice(0, -1)
    for (const { id, bytes } of unsent.sort((a, b) => WORTH[a.worth] - WORTH[b.worth])) {
      if (total <= this.#maxBytes) return
      total -= bytes
      this.#remove(id)
      this.#drop('there was no room for it', id)
    }
  }

  #drop(what: string, about: string): void {
    this.#keepLosses({ ...this.#losses, dropped: this.#losses.dropped + 1 })
    this.#lost(what, about)
  }

  #setAside(id: string, sent: boolean, what: string): void {
    tried(() => this.#files.setAside(id, sent))
    this.#drop(what, nameOf(id, sent))
  }

  #keepLosses(losses: Losses): void {
    this.#losses = losses
    // Where it can't be written, this process tells of it, or nobody.
    tried(() => writeJson(this.#lossesFile, losses))
  }
}

const NOTHING = Buffer.from('{"outcomes":[],"owed":[]}')
const CUT_SHORT = {
  body_sha256: sha256(NOTHING),
  body_bytes: NOTHING.length,
  problem: {
    code: 'unavailable',
    reason: 'the agent ended in the middle of this run',
    hint: 'the next run goes on where it was; if nobody ended it, see its log on the host',
  },
}

/** Nobody asked for it and nothing came of it. */
function isUnchanged({ trigger, counts, problem }: ReportHead): boolean {
  const { planned = 0, changed = 0, failed = 0, skipped = 0 } = counts ?? {}
  return trigger !== 'RUN_TRIGGER_REQUEST' && !problem && planned + changed + failed + skipped === 0
}

function worthOf(head: ReportHead): Worth {
  if (isUnchanged(head)) return 'unchanged'
  return head.problem || (head.counts?.changed ?? 0) + (head.counts?.failed ?? 0) > 0 ? 'changed' : 'due'
}

function countedIn({ head, body }: Report, before: ReportHead): Report {
  const unchanged_runs = (head.unchanged_runs ?? 0) + (before.unchanged_runs ?? 0) + 1
  return { head: { ...head, unchanged_runs }, body }
}

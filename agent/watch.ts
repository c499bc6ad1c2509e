import { count } from '../lib/count.ts'
import { DPKG_BUSY_EVERY_MS, DRIFT_GATHER_MS } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Hint } from './drift.ts'
import { type Ears, openEars } from './ears.ts'
import { openPace, type Pace } from './pace.ts'
import type { Hearing, Places } from './places.ts'
import { openPolls, type Polls } from './polls.ts'

/** Hears what changes on a host, and names the resources that are to be looked at. An event is a hint, no more. */
export interface Watcher {
  /** From when it returns, these are the places. What was heard before is forgotten: all is looked at anew. */
  follow(places: Places): void
  readonly watched: Watched
  close(): void
}

/** How many resources, and by type. `deaf`: directories that can't be listened to; the sweep looks there. */
export type Watched = Readonly<Record<Hearing | 'directories' | 'deaf', number>> & {
  readonly types: readonly (Readonly<Record<Hearing, number>> & { readonly type: string })[]
}

/** `watching 574 resources in 41 directories; 2 polled; 1 for the sweep` */
export function watchingText({ heard, polled, swept, directories, deaf }: Omit<Watched, 'types'>): string {
  const words = [
    `watching ${count(heard + polled, 'resource')} in ${count(directories, 'directory', 'directories')}`,
    ...(polled > 0 ? [`${polled} polled`] : []),
    ...(swept > 0 ? [`${swept} for the sweep`] : []),
    ...(deaf > 0 ? [`${count(deaf, 'directory', 'directories')} deaf`] : []),
  ]
  return words.join('; ')
}

export type WatcherParts = {
  readonly heard: (hint: Hint) => void
  /** apt or dpkg is at work. */
  readonly isDpkgBusy: () => boolean
  /** Milliseconds for which a resource is left alone, since somebody else changes it again and again. */
  readonly wait: (id: ResourceId) => number
}

export function openWatcher(parts: WatcherParts): Watcher {
  return new GatheringWatcher(parts)
}

class GatheringWatcher implements Watcher {
  readonly #parts: WatcherParts
  /** What was heard of and is not looked at yet, with when it was heard first. */
  readonly #pending = new Map<ResourceId, number>()
  #ears: Ears | null = null
  #ofPackages: ReadonlySet<ResourceId> = new Set()
  #types: Watched['types'] = []
  #polls: Polls | null = null
  #pace: Pace = openPace()
  #timer: NodeJS.Timeout | null = null
  #dueAt = 0

  constructor(parts: WatcherParts) {
    this.#parts = parts
  }

  get watched(): Watched {
    const sum = (hearing: Hearing) => this.#types.reduce((all, one) => all + one[hearing], 0)
    const counted = { heard: sum('heard'), polled: sum('polled'), swept: sum('swept') }
    return { ...counted, directories: 0, deaf: 0, ...this.#ears?.count(), types: this.#types }
  }

  follow(places: Places): void {
    const before = this.#ears
    this.#forget()
    this.#ofPackages = places.ofPackages
    this.#types = [...places.types].map(([type, counts]) => ({ type, ...counts }))
    this.#pace = openPace()
    this.#ears = openEars(places, (ids) => this.#hear(ids))
    // A look tells of all that it finds at once, so that there is nothing more to wait for.
    this.#polls = openPolls(places, (ids) => this.#hear(ids, 0))
    before?.close()
  }

  close(): void {
    this.#forget()
    this.#ears?.close()
    this.#ears = null
  }

  #forget(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#polls?.close()
    this.#pending.clear()
  }

  #hear(ids: Iterable<ResourceId>, gatherMs = DRIFT_GATHER_MS): void {
    const now = performance.now()
    const before = this.#pending.size
    for (const id of ids) if (!this.#pending.has(id)) this.#pending.set(id, now)
    if (this.#pending.size > before) this.#tellIn(gatherMs)
  }

  /** The first of what was heard waits no longer because more comes. */
  #tellIn(ms: number): void {
    const at = performance.now() + ms
    if (this.#timer !== null) {
      if (this.#dueAt <= at) return
      clearTimeout(this.#timer)
    }
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#tell(), ms)
  }

  #tell(): void {
    this.#timer = null
    const now = performance.now()
    const due = new Map<ResourceId, number>()
    let later = Number.POSITIVE_INFINITY
    let isBusy: boolean | null = null
    for (const [id, at] of this.#pending) {
      const ofPackages = this.#ofPackages.has(id)
      if (ofPackages) isBusy ??= this.#parts.isDpkgBusy()
      const left = this.#parts.wait(id)
      // A wait that is wanted counts for nobody's latency.
      if (left > 0) this.#pending.set(id, now + left)
      const wait = left || (ofPackages && isBusy ? DPKG_BUSY_EVERY_MS : this.#pace.take(id, now))
      if (wait > 0) {
        later = Math.min(later, wait)
        continue
      }
      this.#pending.delete(id)
      due.set(id, Math.min(at, now))
    }
    if (due.size > 0) this.#parts.heard(due)
    if (this.#pending.size > 0) this.#tellIn(later)
  }
}

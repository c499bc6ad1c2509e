import { join } from 'node:path'
import type { Pause } from '../lib/outcome.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Mode } from '../proto/gen/drover/v1/Mode.ts'
import type { ModeNews__Output } from '../proto/gen/drover/v1/ModeNews.ts'
import type { ResourcePause__Output } from '../proto/gen/drover/v1/ResourcePause.ts'
import { Alarm, type Lease, leaseOf, leftOf } from './lease.ts'
import { readJson, tried, writeJson } from './records.ts'

/** What the agent may do by itself. */
export type ModeNow = {
  readonly mode: 'enforce' | 'audit' | 'paused'
  /** By the master's clock; 0 for never. */
  readonly until: number
  readonly reason: string
  readonly by: string
  /** Resources that are left alone whatever the mode is. */
  readonly paused: ReadonlyMap<ResourceId, Pause>
}

export interface Modes {
  now(): ModeNow
  /** @param masterNow the master's clock, by which `until` is meant */
  set(news: ModeNews__Output, masterNow: number): void
  close(): void
}

type KeptMode = Pick<ModeNow, 'mode' | 'reason' | 'by'> & Lease
type KeptPause = Pick<ResourcePause__Output, 'resource' | 'reason' | 'by'> &
  Lease & { readonly stays: boolean }

const WORDS: Partial<Record<Mode, ModeNow['mode']>> = { MODE_AUDIT: 'audit', MODE_PAUSED: 'paused' }
const ENFORCE = { mode: 'enforce', until: 0, reason: '', by: '' } as const

/** The mode and the pauses that the master last gave, through restarts, each until its end. */
export function openModes(stateDir: string, ended: () => void): Modes {
  return new KeptModes(stateDir, ended)
}

class KeptModes implements Modes {
  readonly #modeFile: string
  readonly #pausesFile: string
  readonly #ended: () => void
  readonly #alarm = new Alarm()
  #mode: KeptMode | null
  #pauses: readonly KeptPause[]

  constructor(stateDir: string, ended: () => void) {
    this.#modeFile = join(stateDir, 'mode')
    this.#pausesFile = join(stateDir, 'pauses')
    this.#ended = ended
    this.#mode = readJson<KeptMode>(this.#modeFile)
    this.#pauses = readJson<KeptPause[]>(this.#pausesFile) ?? []
    this.#schedule()
  }

  now(): ModeNow {
    const { mode, until, reason, by } = this.#mode ?? ENFORCE
    const paused = this.#pauses.map((one) => [one.resource as ResourceId, pauseOf(one)] as const)
    return { mode, until, reason, by, paused: new Map(paused) }
  }

  set({ mode, until, reason, by, resources }: ModeNews__Output, masterNow: number): void {
    const word = WORDS[mode]
    const lease = leaseOf(until, masterNow)
    const isOver = word === undefined || (until !== 0 && lease.leftMs === 0)
    this.#keep(
      isOver ? null : { mode: word, reason, by, ...lease },
      resources.map((one) => ({
        ...{ resource: one.resource, reason: one.reason, by: one.by, stays: one.at_end === 'PAUSE_END_SHOW' },
        ...leaseOf(one.until, masterNow),
      })),
    )
    this.#schedule()
  }

  close(): void {
    this.#alarm.clear()
  }

  #keep(mode: KeptMode | null, pauses: readonly KeptPause[]): void {
    const isSame = mode === null && this.#mode === null
    this.#mode = mode
    // Where it can't be written, it holds until this process ends.
    if (!isSame) tried(() => writeJson(this.#modeFile, mode))
    const were = this.#pauses.length
    this.#pauses = pauses
    if (were + pauses.length > 0) tried(() => writeJson(this.#pausesFile, pauses))
  }

  /** What ends next, at its time. */
  #schedule(): void {
    const all = [...(this.#mode ? [this.#mode] : []), ...this.#pauses]
    // What has no end has none to wait for.
    const leases = all.filter(({ until }) => until !== 0)
    const ends = leases.map(leftOf).filter((ms, i) => ms > 0 || !isStaying(leases[i]))
    if (ends.length === 0) this.#alarm.clear()
    else this.#alarm.set(Math.min(...ends), () => this.#end())
  }

  #end(): void {
    const isOver = (lease: Lease) => lease.until !== 0 && leftOf(lease) === 0
    const mode = this.#mode !== null && isOver(this.#mode) ? null : this.#mode
    this.#keep(
      mode,
      this.#pauses.filter((one) => one.stays || !isOver(one)),
    )
    this.#schedule()
    this.#ended()
  }
}

const isStaying = (lease: Lease | undefined) =>
  lease !== undefined && 'stays' in lease && lease.stays === true

const pauseOf = (one: KeptPause): Pause => ({
  by: one.by,
  until: one.until,
  reason: one.reason,
  isOver: leftOf(one) === 0,
})

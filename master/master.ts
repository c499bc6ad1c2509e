import type { Log } from '../lib/log.ts'
import type { MasterSettings } from './settings.ts'

export type Master = {
  /** Where it really listens, `address:port`. */
  readonly main: string
  readonly enrollment: string
  readonly http: string
  readonly socket: string
  /** Takes nothing new, lets what has begun end within `graceMs`, and gives the state back. */
  close(graceMs: number): Promise<void>
}

/** What of the world a master does not make itself. */
export type World = { readonly now: () => number; readonly newId: () => string; readonly log: Log }

/** A running master. */
export async function openMaster(_settings: MasterSettings, _world: World): Promise<Master> {
  throw new Error('not wired yet')
}

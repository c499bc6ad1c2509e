import { join } from 'node:path'
import { readJson, writeJson } from './records.ts'
import type { Watched } from './watch.ts'

/** What an agent watches, with when it began, for whoever asks on the host. */
export type LeftWatched = Watched & { readonly at: number }

const fileIn = (stateDir: string) => join(stateDir, 'watched')

export function leaveWatched(stateDir: string, watched: Watched): void {
  try {
    writeJson(fileIn(stateDir), { at: Date.now(), ...watched })
  } catch {
    // It is for people to look at: a full disk must not keep the agent from listening.
  }
}

/** `null`: no agent of this state directory has watched anything yet. */
export const readWatched = (stateDir: string) => readJson<LeftWatched>(fileIn(stateDir))

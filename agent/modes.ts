import { join } from 'node:path'
import type { Mode } from '../proto/gen/drover/v1/Mode.ts'
import type { ModeNews__Output } from '../proto/gen/drover/v1/ModeNews.ts'
import { readJson, writeJson } from './records.ts'

/** What the agent may do by itself. */
export type ModeNow = {
  readonly mode: 'enforce' | 'audit' | 'paused'
  /** By the master's clock; 0 for never. */
  readonly until: number
  readonly reason: string
  readonly by: string
}

export interface Modes {
  now(): ModeNow
  /** @param masterNow the master's clock, by which `until` is meant */
  set(news: ModeNews__Output, masterNow: number): void
  close(): void
}

/** `leftMs` is counted from when it was written down. */
type Kept = ModeNow & { readonly leftMs: number; readonly at: number }

const WORDS: Partial<Record<Mode, ModeNow['mode']>> = { MODE_AUDIT: 'audit', MODE_PAUSED: 'paused' }
const ENFORCE: ModeNow = { mode: 'enforce', until: 0, reason: '', by: '' }
// The longest that a timer of Node can wait.
const MAX_TIMER_MS = 2 ** 31 - 1

/** The mode that the master last gave, through restarts, until its end. */
export function openModes(stateDir: string, ended: () => void): Modes {
  const file = join(stateDir, 'mode')
  let kept: Kept | null = readJson<Kept>(file)
  let timer: NodeJS.Timeout | null = null

  const schedule = (leftMs: number) => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (kept === null || kept.until === 0) return
    const ms = Math.min(leftMs, MAX_TIMER_MS)
    timer = setTimeout(() => (leftMs > ms ? schedule(leftMs - ms) : end()), ms)
    timer.unref()
  }
  const end = () => {
    keep(null)
    ended()
  }
  const keep = (next: Kept | null) => {
    kept = next
    writeJson(file, next)
  }
  // While the agent was off, only the wall clock went on; one that was set back makes no pause longer than it was.
  if (kept !== null) {
    const passed = Math.max(0, Date.now() - kept.at)
    schedule(Math.max(0, kept.leftMs - passed))
  }
  return {
    now: () => kept ?? ENFORCE,
    set({ mode, until, reason, by }, masterNow) {
      const word = WORDS[mode]
      const leftMs = until === 0 ? 0 : Math.max(0, until - masterNow)
      const over = word === undefined || (until !== 0 && leftMs === 0)
      if (over && kept === null) return
      keep(over ? null : { mode: word, until, reason, by, leftMs, at: Date.now() })
      schedule(leftMs)
    },
    close() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

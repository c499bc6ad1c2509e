import type { RunEvent } from '../agent/pass.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { ResourceId } from '../lib/state.ts'
import { markOf } from './plan-text.ts'
import type { Print } from './print.ts'
import { stepWord } from './step-text.ts'
import { durationText } from './value-text.ts'

// Often enough to look alive, seldom enough to cost nothing.
const REDRAW_MS = 50

export interface Progress {
  tell(event: RunEvent): void
  /** Says what a step waits for, such as the lock of dpkg. */
  waiting(what: string): void
  /** Takes the live line away. */
  end(): void
}

/**
 * How far a run is: one line that is drawn again on a terminal; elsewhere a line for each resource that changed or
 * failed, and none for those in order.
 */
export function progress(print: Print, mode: 'check' | 'apply' | 'rehearsal', now: () => number): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  let done = 0
  let total: number | null = null
  const draw = (text: string, force = false) => {
    if (!print.liveShown || (!force && now() - drawnAt < REDRAW_MS)) return
    drawnAt = now()
    print.live([total === null ? text : `${done}/${total} ${text}`])
  }
  return {
    tell(event) {
      // A step may take minutes, so it is always shown; outcomes come by the hundred.
      if (event.kind === 'step') return draw(`${event.id}  ${stepWord(event.step)}`, true)
      done = event.done
      total = event.total
      if (mode === 'apply' && !print.liveShown) print.err(plainLine(event.outcome))
      draw(event.outcome.id)
    },
    waiting: (what) => (print.liveShown ? draw(what, true) : print.err([[what]])),
    end: () => print.live(null),
  }
}

function plainLine(outcome: Outcome): [string][] {
  const text = plainText(outcome)
  return text === null ? [] : [[text]]
}

function plainText(outcome: Outcome): string | null {
  if (outcome.status === 'changed') return `${pastOf(outcome)} ${outcome.id} (${durationText(outcome.ms)})`
  return outcome.status === 'failed' ? `failed  ${outcome.id as ResourceId}` : null
}

const PAST = { add: 'added  ', remove: 'removed', restart: 'restarted', reload: 'reloaded' } as const

const pastOf = (outcome: Outcome) => PAST[markOf(outcome) as keyof typeof PAST] ?? 'changed'

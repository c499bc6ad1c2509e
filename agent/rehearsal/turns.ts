import { lstatSync, writeFileSync } from 'node:fs'
import type { ResourceId } from '../../lib/state.ts'
import type { RunEvent } from '../pass.ts'

/** Which resource was at work at which moment. */
export type Turns = {
  take(event: RunEvent): void
  /** `ms` is the kernel's time of a change to a file. */
  at(ms: number): ResourceId | null
}

// The clock by which files are dated stands still for up to a hundredth of a second.
const TICK_MS = 20

/**
 * Tells turns apart by the very clock that dates the files which commands leave behind: that of `path`, a file that is
 * made for it. What a step itself names is known without.
 */
export function openTurns(path: string): Turns {
  const turns: { readonly id: ResourceId; readonly from: number; to: number }[] = []
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  const now = () => {
    writeFileSync(path, '')
    return lstatSync(path).ctimeMs
  }
  const end = () => {
    const last = turns.at(-1)
    if (last?.to === Number.POSITIVE_INFINITY) last.to = now()
  }
  return {
    take(event) {
      end()
      if (event.kind !== 'step') return
      if (event.step.do === 'run' || event.step.do === 'apt') Atomics.wait(sleeper, 0, 0, TICK_MS)
      turns.push({ id: event.id, from: now(), to: Number.POSITIVE_INFINITY })
    },
    at: (ms) => turns.findLast(({ from, to }) => from <= ms && ms <= to)?.id ?? null,
  }
}

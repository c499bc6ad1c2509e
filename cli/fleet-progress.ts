import { count } from '../lib/count.ts'
import type { HostProgress__Output } from '../proto/gen/drover/v1/HostProgress.ts'
import type { Hearer, HostOutcome } from './fleet-run.ts'
import type { Print } from './print.ts'
import { shortSummary } from './summary-text.ts'

// Often enough to look alive, seldom enough to cost nothing.
const REDRAW_MS = 50
const BAR_CELLS = 24

const BEGUN = { check: 'asking', apply: 'applying to', rehearsal: 'rehearsing on' } as const

/** How far hosts are: a bar on a terminal; elsewhere a line for each host when it is done. */
export function fleetProgress(
  print: Print,
  mode: 'check' | 'apply' | 'rehearsal',
  now: () => number,
): Hearer & { end(): void } {
  let total = 0
  let done = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  // A part of a host counts, so that the bar of a single one moves too.
  const parts = new Map<string, number>()
  const draw = (text: string) => {
    if (now() - drawnAt < REDRAW_MS) return
    drawnAt = now()
    const share = [...parts.values()].reduce((sum, part) => sum + part, done) / Math.max(1, total)
    const cells = Math.min(BAR_CELLS, Math.round(share * BAR_CELLS))
    print.live([
      `[${'#'.repeat(cells)}${' '.repeat(BAR_CELLS - cells)}] ${done}/${count(total, 'host')}  ${text}`,
    ])
  }
  return {
    started(hosts) {
      total = hosts.length
      if (print.liveShown) draw('')
      else print.err([[`${BEGUN[mode]} ${count(total, 'host')}`]])
    },
    progress(event) {
      parts.set(event.host, Math.min(1, event.done / Math.max(1, event.total)))
      if (print.liveShown) draw(progressText(event))
    },
    result(result) {
      done += 1
      parts.delete(result.host)
      if (print.liveShown) draw(result.host)
      else print.err([[`${result.host}: ${resultText(result, mode)}`]])
    },
    end: () => print.live(null),
  }
}

const progressText = ({ host, resource, waiting, done, total }: HostProgress__Output) =>
  `${host} ${done}/${total} ${waiting === '' ? resource : waiting}`

function resultText({ body, problem }: HostOutcome, mode: 'check' | 'apply' | 'rehearsal'): string {
  if (problem !== null) return problem.reason
  return shortSummary(body.outcomes, mode === 'check' ? 'plan' : 'apply')
}

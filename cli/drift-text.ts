import { count } from '../lib/count.ts'
import type { Pause, Preview } from '../lib/outcome.ts'
import type { ContestedRow__Output } from '../proto/gen/drover/v1/ContestedRow.ts'
import type { DriftRow__Output } from '../proto/gen/drover/v1/DriftRow.ts'
import type { ResourcePause__Output } from '../proto/gen/drover/v1/ResourcePause.ts'
import { evidenceLines, evidenceView } from './evidence-text.ts'
import { outcomeLines, type Show } from './plan-text.ts'
import type { Line } from './print.ts'
import { changesOf } from './run-body.ts'
import { agoText, spanText, timeOf } from './time-text.ts'

/** What differs of hosts, host by host: since when, and how. */
export function driftLines(rows: readonly DriftRow__Output[], show: Show, now: number): Line[] {
  const byHost = new Map<string, DriftRow__Output[]>()
  for (const row of rows) byHost.set(row.host, [...(byHost.get(row.host) ?? []), row])
  return [...byHost].flatMap(([host, own], i) => [
    ...(i === 0 ? [] : [[]]),
    [['bold', host]],
    ...own.flatMap((row) => [
      ...rowLines(row, show, now).map((line): Line => ['  ', ...line]),
      ...evidenceLines(row.evidence).map((line): Line => ['      ', ...line]),
    ]),
  ])
}

/** Drift reads as a plan does, since an apply would do just that. */
export function rowLines(
  row: Pick<DriftRow__Output, 'resource' | 'changes' | 'diff' | 'origin'> &
    Partial<Pick<DriftRow__Output, 'since' | 'settled_at' | 'pause'>>,
  show: Show,
  now: number,
): Line[] {
  const id = row.resource as `${string}:${string}`
  const outcome = {
    id,
    status: 'planned',
    changes: changesOf(row.changes),
    steps: [],
    with: null,
    previews: row.diff === '' ? [] : [previewOf(row.diff)],
    after: [],
    unknown: null,
    ...(row.pause && { paused: pauseOf(row.pause, now) }),
  } as const
  return outcomeLines(
    { outcomes: [outcome], owed: [] },
    new Map([[id, `${spanOf(row, now)}${row.origin}`]]),
    show,
  )
}

/** A pause as a report has it. */
export const pauseOf = ({ by, until, reason }: ResourcePause__Output, now: number): Pause => ({
  ...{ by, until, reason },
  isOver: until <= now,
})

/** What somebody else changes again and again, how often it was put right, and what is known of who it is. */
export function contestedLines(rows: readonly ContestedRow__Output[], now: number): Line[] {
  return rows.flatMap(({ host, resource, times, since, last_at, next_at, known }): Line[] => [
    [['fail', `! ${host} ${resource}`], `  put right ${count(times, 'time')} since ${agoText(since, now)}`],
    [
      `    last ${agoText(last_at, now)}`,
      next_at > now ? `, left alone for ${spanText(next_at - now)} more` : '',
    ],
    ...known.map((text): Line => [['dim', `    ${text}`]]),
  ])
}

/** For programs. */
export const contestedView = (row: ContestedRow__Output) => ({
  host: row.host,
  resource: row.resource,
  since: timeOf(row.since),
  times: row.times,
  lastAt: timeOf(row.last_at),
  nextAt: timeOf(row.next_at),
  known: row.known,
})

/** For programs. */
export const pauseView = ({ resource, since, until, reason, by, at_end }: ResourcePause__Output) => ({
  resource,
  since: timeOf(since),
  until: timeOf(until),
  reason,
  by,
  atEnd: at_end === 'PAUSE_END_SHOW' ? 'show' : 'revert',
})

/** When it differed. */
function spanOf({ since, settled_at }: Partial<DriftRow__Output>, now: number): string {
  if (since === undefined) return ''
  if (!settled_at) return `since ${agoText(since, now)}  `
  return `${agoText(since, now)}, in order again ${agoText(settled_at, now)}  `
}

function previewOf(diff: string): Preview {
  const lines = diff.split('\n')
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length
  return { path: '', diff, note: null, added: count('+'), removed: count('-') }
}

/** For programs. */
export function driftView(row: DriftRow__Output) {
  return {
    host: row.host,
    resource: row.resource,
    since: timeOf(row.since),
    lastSeenAt: timeOf(row.last_seen_at),
    settledAt: timeOf(row.settled_at),
    changes: changesOf(row.changes),
    diff: row.diff || null,
    origin: row.origin || null,
    run: row.run_id || null,
    pause: row.pause && pauseView(row.pause),
    evidence: evidenceView(row.evidence),
  }
}

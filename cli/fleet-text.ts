import { count } from '../lib/count.ts'
import { sha256 } from '../lib/sha256.ts'
import type { FleetRun, HostOutcome, Trouble } from './fleet-run.ts'
import { tallyOf } from './fleet-run.ts'
import { outcomeLines, type Show } from './plan-text.ts'
import { type Line, linesOf } from './print.ts'
import { Marks } from './summary-text.ts'
import { durationText, someOf } from './value-text.ts'

// Of hosts whose plans are the same; all of them are named by `-o wide`.
const MAX_NAMED_HOSTS = 8

/** What would be done with each host, or was, for people: hosts that differ in nothing but their names are shown once. */
export function fleetLines(run: FleetRun, show: Show): Line[] {
  const told = run.results.filter(({ body }) => show.all || body.outcomes.length + body.owed.length > 0)
  const blocks = [
    ...grouped(told, likeness).map((group) => groupLines(group, show)),
    ...(['failed', 'refused', 'unreachable'] as const).map((kind) => troubleLines(run, kind, show)),
    silentLines(run, show),
  ]
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : [[], ...block]))
}

/** Alike things together, in the order of the first of each. */
function grouped<T>(all: readonly T[], key: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const found = groups.get(key(one))
    if (found === undefined) groups.set(key(one), [one])
    else found.push(one)
  }
  return [...groups.values()]
}

/** All that is shown of a host but its name. How long something took is not. */
function likeness({ body: { outcomes, owed }, origins }: HostOutcome): string {
  const timeless = outcomes.map((outcome) => ('ms' in outcome ? { ...outcome, ms: 0 } : outcome))
  return sha256(JSON.stringify([timeless, owed, [...origins]]))
}

function groupLines(group: readonly HostOutcome[], show: Show): Line[] {
  const [first] = group
  if (first === undefined) return []
  const head: Line = [
    [
      'bold',
      namesText(
        group.map(({ host }) => host),
        show,
      ),
    ],
    ['dim', group.length > 1 ? `  (${group.length} hosts)` : ''],
  ]
  return [head, ...indent(shownLines(first, show))]
}

const namesText = (names: readonly string[], { wide }: Show) =>
  wide ? names.join(', ') : someOf(names, MAX_NAMED_HOSTS)

/** An agent of another version may report what can't be shown here. */
function shownLines({ body, origins }: HostOutcome, show: Show): Line[] {
  if (body.outcomes.length + body.owed.length === 0) return [[['dim', 'in order']]]
  try {
    return outcomeLines(body, origins as ReadonlyMap<never, string>, show)
  } catch {
    return [
      [['fail', `${count(body.outcomes.length, 'resource')}, reported in a way that this drover can't show`]],
    ]
  }
}

const TITLES: Readonly<Record<Trouble, string>> = {
  failed: 'Ended before it was done:',
  refused: 'Not run:',
  unreachable: 'Not reached:',
}

function troubleLines({ results }: FleetRun, kind: Trouble, show: Show): Line[] {
  const hosts = results.flatMap(({ host, problem }) => (problem?.kind === kind ? [{ host, problem }] : []))
  const groups = grouped(hosts, ({ problem: { code, reason } }) => `${code} ${reason}`)
  if (groups.length === 0) return []
  return [[['bold', TITLES[kind]]], ...groups.flatMap((group) => problemLines(group, show))]
}

function problemLines(
  group: readonly { host: string; problem: { reason: string; hint: string } }[],
  show: Show,
): Line[] {
  const [first] = group
  const [reason = '', ...others] = linesOf(first?.problem.reason ?? '')
  const hint = group.length === 1 ? (first?.problem.hint ?? '') : ''
  return [
    [
      [
        'fail',
        `  ! ${namesText(
          group.map(({ host }) => host),
          show,
        )}: `,
      ],
      reason,
    ],
    ...others.map((line): Line => [`    ${line}`]),
    ...(hint === '' ? [] : [[['dim', '    hint: '] as const, hint]]),
  ]
}

function silentLines({ hosts, results }: FleetRun, show: Show): Line[] {
  const heard = new Set(results.map(({ host }) => host))
  const silent = hosts.filter((host) => !heard.has(host))
  return silent.length === 0 ? [] : [[['bold', 'Not heard of yet: '], namesText(silent, show)]]
}

const indent = (lines: readonly Line[]): Line[] =>
  lines.map((line) => (line.length === 0 ? line : ['  ', ...line]))

/** The verdict over all hosts in one line. */
export function fleetSummary(run: FleetRun): Line {
  const mode = run.mode === 'check' ? 'plan' : 'apply'
  const marks = new Marks()
  for (const { body } of run.results) marks.add(body)
  const { hosts, due, changed, inOrder, failed, refused, unreachable, silent } = tallyOf(run)
  const ends = [
    [due, 'with changes'],
    [changed, 'changed'],
    [inOrder, 'in order'],
  ] as const
  const bad = [
    [failed, 'failed'],
    [refused, 'not run'],
    [unreachable, 'not reached'],
    [silent, 'not heard of yet'],
  ] as const
  const said = (all: readonly (readonly [number, string])[]) =>
    all.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`)
  const work = [...marks.due(mode), ...marks.bad(), ...marks.paused()]
  return [
    ['bold', `${mode === 'plan' ? 'Plan' : 'Done'}: ${count(hosts, 'host')}: ${said(ends).join(', ')}`],
    ...(said(bad).length > 0
      ? [said(ends).length > 0 ? ', ' : '', ['fail', said(bad).join(', ')] as const]
      : []),
    work.length > 0 ? `; ${work.join(', ')}` : '',
    ['dim', ` (${durationText(run.ms)})`],
  ]
}

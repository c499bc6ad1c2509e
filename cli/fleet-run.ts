import { reasonOf } from '../lib/failure.ts'
import { isDue } from '../lib/outcome.ts'
import type { HostProgress__Output } from '../proto/gen/drover/v1/HostProgress.ts'
import type { HostResult__Output } from '../proto/gen/drover/v1/HostResult.ts'
import type { Problem__Output } from '../proto/gen/drover/v1/Problem.ts'
import type { RunRow__Output } from '../proto/gen/drover/v1/RunRow.ts'
import { EXIT, exitCodeOfRun } from './exit.ts'
import type { Operator, RequestOf } from './operator.ts'
import { type Body, bodyOf, originsOf } from './run-body.ts'

/** What became of one host. */
export type HostOutcome = {
  readonly host: string
  /** `null`: it has made no run. */
  readonly run: RunRow__Output | null
  readonly body: Body
  readonly origins: ReadonlyMap<string, string>
  readonly problem: (Problem__Output & { readonly kind: Trouble }) | null
}

/** It could not be asked; it would not; it began and could not go on. */
export type Trouble = 'unreachable' | 'refused' | 'failed'

export type FleetRun = {
  readonly mode: 'check' | 'apply'
  readonly hosts: readonly string[]
  readonly results: readonly HostOutcome[]
  /** Of all plans together; empty when nothing is due. */
  readonly fingerprint: string
  /** What is left alone from now on, after an undo. */
  readonly paused: { readonly ids: readonly string[]; readonly until: number }
  /** The call was ended before it was over. */
  readonly detached: boolean
  /** What ended it, when that was not its end. */
  readonly broken: unknown
  readonly ms: number
}

/** Hears of a run as it goes. */
export type Hearer = {
  started(hosts: readonly string[]): void
  progress(progress: HostProgress__Output): void
  result(result: HostOutcome): void
}

/** A call that has hosts make runs. */
export type AskedRun =
  | { readonly method: 'Run'; readonly request: RequestOf<'Run'> }
  | { readonly method: 'Undo'; readonly request: RequestOf<'Undo'> }

/** Has hosts check or apply, and gathers what becomes of each. What they say when the call breaks is not lost. */
export async function runFleet(
  operator: Operator,
  asked: AskedRun,
  hearer: Hearer,
  signal: AbortSignal,
  now: () => number,
): Promise<FleetRun> {
  const begun = now()
  const results: HostOutcome[] = []
  let hosts: readonly string[] = []
  let fingerprint = ''
  let paused: FleetRun['paused'] = { ids: [], until: 0 }
  let ended = false
  let broken: unknown = null
  try {
    for await (const { started, progress, result, ended: end } of streamOf(operator, asked, signal)) {
      if (started) {
        hosts = started.hosts
        hearer.started(hosts)
      } else if (progress) hearer.progress(progress)
      else if (result) {
        const outcome = outcomeOf(result)
        results.push(outcome)
        hearer.result(outcome)
      } else if (end) {
        fingerprint = end.fingerprint
        paused = { ids: end.paused, until: end.paused_until }
        ended = true
      }
    }
  } catch (error) {
    if (hosts.length === 0) throw error
    broken = error
  }
  const mode = asked.request.kind === 'RUN_KIND_APPLY' ? 'apply' : 'check'
  const detached = !ended && broken === null
  results.sort((a, b) => (a.host < b.host ? -1 : 1))
  return { mode, hosts, results, fingerprint, paused, detached, broken, ms: now() - begun }
}

const streamOf = (operator: Operator, { method, request }: AskedRun, signal: AbortSignal) =>
  method === 'Run' ? operator.stream(method, request, signal) : operator.stream(method, request, signal)

const NOTHING: Body = { outcomes: [], owed: [] }

function outcomeOf({ host, run, body, origins, problem }: HostResult__Output): HostOutcome {
  const rest = { host, run, origins: originsOf(origins) }
  if (problem !== null)
    return { ...rest, body: readable(body, host).body, problem: { ...problem, kind: kindOf(problem) } }
  const failed = run?.head?.problem ?? null
  const read = readable(body, host)
  return { ...rest, ...read, ...(failed === null ? {} : { problem: { ...failed, kind: 'failed' } }) }
}

function readable(bytes: Uint8Array, host: string): Pick<HostOutcome, 'body' | 'problem'> {
  try {
    return { body: bodyOf(bytes, host), problem: null }
  } catch (error) {
    return { body: NOTHING, problem: { kind: 'refused', code: 'invalid', reason: reasonOf(error), hint: '' } }
  }
}

const kindOf = ({ code }: Problem__Output): Trouble =>
  code === 'unavailable' || code === 'timeout' ? 'unreachable' : 'refused'

const TROUBLE_CODES = {
  unreachable: EXIT.unreachable,
  refused: EXIT.failed,
  failed: EXIT.resourceFailed,
} as const

/** How a run of several hosts ends: what holds of any of them. */
export function exitCodeOfFleet({ results, detached }: FleetRun): number {
  if (detached) return EXIT.interrupted
  return results.reduce(
    (code, { body, problem }) =>
      code | exitCodeOfRun(body.outcomes, false) | (problem === null ? 0 : TROUBLE_CODES[problem.kind]),
    EXIT.done as number,
  )
}

/** How many hosts came to which end; each counts once. */
export function tallyOf({ hosts, results }: Pick<FleetRun, 'hosts' | 'results'>) {
  const tally = {
    hosts: hosts.length,
    due: 0,
    changed: 0,
    inOrder: 0,
    failed: 0,
    refused: 0,
    unreachable: 0,
    silent: 0,
  }
  for (const result of results) tally[endOf(result)] += 1
  tally.silent = hosts.length - results.length
  return tally
}

function endOf({ body, problem }: HostOutcome): 'due' | 'changed' | 'inOrder' | Trouble {
  if (problem !== null) return problem.kind
  const statuses = new Set(body.outcomes.map(({ status }) => status))
  if (statuses.has('failed')) return 'failed'
  if (body.outcomes.some(isDue)) return 'due'
  return statuses.has('changed') ? 'changed' : 'inOrder'
}

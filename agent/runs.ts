import { Failure } from '../lib/failure.ts'
import { PROGRESS_EVERY_MS, RUN_LOCK_TIMEOUT_MS } from '../lib/limits.ts'
import type { Problem } from '../proto/gen/drover/v1/Problem.ts'
import type { Progress } from '../proto/gen/drover/v1/Progress.ts'
import type { RunOrder__Output } from '../proto/gen/drover/v1/RunOrder.ts'
import { type Hint, joinedHints } from './drift.ts'
import type { RunEvent } from './pass.ts'
import { problemOf } from './report.ts'
import type { Done, Under, Wanted } from './run.ts'

export type OwnTrigger = 'RUN_TRIGGER_SWEEP' | 'RUN_TRIGGER_CATALOG' | 'RUN_TRIGGER_BOOT'

/** All runs of an agent, one at a time. What is wanted twice before it begins is done once. */
export interface Runs {
  trigger(trigger: OwnTrigger): void
  /** Something was heard. What a run over all that waits looks at anyway is not looked at twice. */
  drift(hint: Hint): void
  order(order: RunOrder__Output): void
  cancel(requestId: string): void
  readonly busy: boolean
  /** Nothing is stuck: a run under way has been heard of within what its last step may take. */
  readonly sound: boolean
  /** What is under way, for people. */
  readonly doing: string | null
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>
  /** Ends the run under way after its resource, and after this the command under way. */
  close(graceMs: number): Promise<void>
}

export type RunsParts = {
  /** Makes one run; never throws. */
  readonly make: (wanted: Wanted, under: Under) => Promise<Done>
  readonly progress: (progress: Progress & { readonly request_id: string }) => void
  /** Each order is answered once. */
  readonly finished: (requestId: string, done: Done) => void
  /** Between two runs. */
  readonly ended: () => void
}

// An order that nobody joined to another; a master that sends more of them at once is not obeyed.
const MAX_WAITING = 16
const MAX_REMEMBERED = 64

type Current = {
  readonly wanted: Wanted
  readonly requests: Set<string>
  readonly stop: AbortController
  readonly kill: AbortController
  heardAt: number
  allowedMs: number
  doing: string
}

export function openRuns(parts: RunsParts): Runs {
  return new RunQueue(parts)
}

class RunQueue implements Runs {
  readonly #parts: RunsParts
  #waiting: Wanted[] = []
  #current: Current | null = null
  #closed = false
  #idle: (() => void)[] = []
  /** Orders that were answered, since a master that lost the answer asks again. */
  readonly #answered = new Map<string, Done>()

  constructor(parts: RunsParts) {
    this.#parts = parts
  }

  get busy(): boolean {
    return this.#current !== null
  }

  get sound(): boolean {
    const current = this.#current
    if (current === null) return this.#waiting.length === 0 || this.#closed
    return performance.now() - current.heardAt <= current.allowedMs
  }

  get doing(): string | null {
    return this.#current?.doing ?? null
  }

  trigger(trigger: OwnTrigger): void {
    if (this.#waiting.some(({ kind, hint }) => kind === 'own' && hint === null)) return
    this.#waiting = this.#waiting.filter(({ kind }) => kind !== 'own')
    this.#add({ ...OWN, trigger, hint: null })
  }

  drift(hint: Hint): void {
    const own = this.#waiting.find(({ kind }) => kind === 'own')
    if (own === undefined) this.#add({ ...OWN, trigger: 'RUN_TRIGGER_DRIFT', hint })
    else if (own.hint !== null) {
      const joined = { ...own, hint: joinedHints(own.hint, hint) }
      this.#waiting = this.#waiting.map((one) => (one === own ? joined : one))
    }
  }

  order(order: RunOrder__Output): void {
    const { request_id: id, kind, fingerprint, catalog_sha256: catalogSha256, undo_run_id: undoRunId } = order
    const answered = this.#answered.get(id)
    if (answered !== undefined) this.#parts.finished(id, answered)
    if (answered !== undefined || this.#knows(id)) return
    const wanted: Wanted = {
      kind: KINDS[kind] ?? 'check',
      trigger: undoRunId === '' ? 'RUN_TRIGGER_REQUEST' : 'RUN_TRIGGER_UNDO',
      requests: [id],
      fingerprint,
      catalogSha256,
      hint: null,
      undoRunId,
    }
    const same = this.#waiting.find((one) => isSame(one, wanted))
    if (same !== undefined) {
      const joined = { ...same, requests: [...same.requests, id] }
      this.#waiting = this.#waiting.map((one) => (one === same ? joined : one))
    } else if (kind === 'RUN_KIND_UNSPECIFIED') this.#answer([id], refusal(NO_KIND))
    else if (this.#waiting.length >= MAX_WAITING) this.#answer([id], refusal(TOO_MANY))
    else this.#add(wanted)
  }

  cancel(id: string): void {
    const current = this.#current
    if (current?.requests.delete(id)) {
      if (current.requests.size === 0) current.stop.abort()
      return
    }
    if (!this.#knows(id)) return
    const without = this.#waiting.map((one) => ({
      ...one,
      requests: one.requests.filter((other) => other !== id),
    }))
    this.#waiting = without.filter(({ kind, requests }) => kind === 'own' || requests.length > 0)
    this.#answer([id], refusal(CANCELLED))
  }

  idle(): Promise<void> {
    if (this.#current === null && this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true
    for (const { requests } of this.#waiting.splice(0)) this.#answer(requests, refusal(STOPPED))
    this.#current?.stop.abort()
    const timer = setTimeout(() => this.#current?.kill.abort(), graceMs)
    await this.idle()
    clearTimeout(timer)
  }

  #knows(id: string): boolean {
    return (
      this.#current?.wanted.requests.includes(id) ||
      this.#waiting.some(({ requests }) => requests.includes(id))
    )
  }

  /** People come before what the agent wants of its own accord. */
  #add(wanted: Wanted): void {
    if (this.#closed) {
      this.#answer(wanted.requests, refusal(STOPPED))
      return
    }
    const at = this.#waiting.findIndex(({ kind }) => kind === 'own')
    this.#waiting.splice(wanted.kind === 'own' || at < 0 ? this.#waiting.length : at, 0, wanted)
    void this.#pump()
  }

  async #pump(): Promise<void> {
    if (this.#current !== null) return
    // What comes in one turn of the loop is looked at together.
    for (let wanted = this.#waiting.shift(); wanted !== undefined; wanted = this.#waiting.shift()) {
      const current = currentOf(wanted)
      this.#current = current
      const done = await this.#parts.make(wanted, this.#underOf(current))
      this.#current = null
      this.#answer(wanted.requests, done)
      // A look that came to nothing leaves nothing behind.
      if (done.runId !== '' || wanted.hint === null) this.#parts.ended()
    }
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #underOf(current: Current): Under {
    const { wanted, stop, kill } = current
    const said = throttled<Progress>(PROGRESS_EVERY_MS, (progress) => {
      if (this.#current !== current) return
      for (const id of current.requests) this.#parts.progress({ ...progress, request_id: id })
    })
    let last: Progress = { done: 0, total: 0 }
    const say = (progress: Progress) => {
      last = { done: last.done ?? 0, total: last.total ?? 0, ...progress }
      current.heardAt = performance.now()
      current.doing = `${DOING[wanted.kind]}: ${last.done} of ${last.total}`
      if (wanted.requests.length > 0) said(last)
    }
    return {
      stop: stop.signal,
      kill: kill.signal,
      tell(event, allowedMs) {
        current.allowedMs = allowedMs
        say(progressOf(event))
      },
      waiting(what) {
        current.allowedMs = RUN_LOCK_TIMEOUT_MS
        say({ waiting: what })
      },
    }
  }

  #answer(requests: readonly string[], done: Done): void {
    for (const id of requests) {
      this.#answered.set(id, done)
      const [oldest] = this.#answered.keys()
      if (this.#answered.size > MAX_REMEMBERED && oldest !== undefined) this.#answered.delete(oldest)
      this.#parts.finished(id, done)
    }
  }
}

const KINDS: Partial<Record<RunOrder__Output['kind'], Wanted['kind']>> = {
  RUN_KIND_APPLY: 'apply',
  RUN_KIND_REHEARSAL: 'rehearsal',
}
const DOING = { own: 'converging', check: 'checking', apply: 'converging', rehearsal: 'rehearsing' } as const
const OWN = { kind: 'own', requests: [], fingerprint: '', catalogSha256: '', undoRunId: '' } as const

const isSame = (a: Wanted, b: Wanted) =>
  a.kind === b.kind &&
  a.fingerprint === b.fingerprint &&
  a.catalogSha256 === b.catalogSha256 &&
  a.undoRunId === b.undoRunId

const currentOf = (wanted: Wanted): Current => ({
  wanted,
  requests: new Set(wanted.requests),
  stop: new AbortController(),
  kill: new AbortController(),
  heardAt: performance.now(),
  // Until it begins it may wait for another run, or for its catalog.
  allowedMs: RUN_LOCK_TIMEOUT_MS,
  doing: 'beginning a run',
})

function progressOf(event: RunEvent): Progress {
  if (event.kind === 'step') return { resource: event.id, status: '', waiting: '' }
  const { outcome, done, total } = event
  return { done, total, resource: outcome.id, status: outcome.status, waiting: '' }
}

const refusal = (problem: Problem): Done => ({ runId: '', problem })
const CANCELLED = problemOf(new Failure('unavailable', 'it was cancelled before it began'))
const STOPPED = problemOf(
  new Failure('unavailable', 'the agent is being stopped', { hint: 'try again when it is back' }),
)
const TOO_MANY = problemOf(
  new Failure('unavailable', `${MAX_WAITING} runs wait on this host already`, { hint: 'try again later' }),
)
const NO_KIND = problemOf(
  new Failure('invalid', 'the master asks for a kind of run that this agent does not know', {
    hint: 'update drover on this host',
  }),
)

/** The first at once, then the last of each while. */
function throttled<T>(everyMs: number, say: (value: T) => void): (value: T) => void {
  let next: { value: T } | null = null
  let timer: NodeJS.Timeout | null = null
  const tick = () => {
    timer = null
    if (next === null) return
    say(next.value)
    next = null
    timer = setTimeout(tick, everyMs)
  }
  return (value) => {
    next = { value }
    if (timer === null) tick()
  }
}

import type { Blobs, Catalog, Content } from '../lib/catalog.ts'
import { Failure, reasonOf } from '../lib/failure.ts'
import type { Outcome, Pause, RunResult } from '../lib/outcome.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AnyState, ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { holderOfLocks } from './apt-lock.ts'
import { converge } from './converge.ts'
import { hintOf } from './failures.ts'
import { type LiveHost, openHost } from './host.ts'
import { openJournal, readJournal } from './journal.ts'
import { leavingOf } from './leaving.ts'
import { openLedger } from './ledger.ts'
import { contentFolder, readLedger } from './ledger-file.ts'
import type { RunEvent } from './pass.ts'
import { perform } from './perform.ts'
import { keptContent } from './pre-image.ts'
import { tidyQuarantine } from './quarantine.ts'
import { isOfDisk, tried } from './records.ts'
import type { Undoing } from './undo.ts'
import { undoContentFolder } from './undo-log.ts'

/** What a run without a master is made of. */
export type Local = {
  readonly catalog: Catalog
  readonly blobs: Blobs
  readonly states: ReadonlyMap<string, AnyState>
  readonly stateDir: string
  /** Resources that are left alone; left out: none. */
  readonly paused?: ReadonlyMap<ResourceId, Pause>
  /** By which what it changes can be undone; left out: it can't. */
  readonly runId?: string
  /** What another run changed is put back, in place of what the catalog says. */
  readonly undo?: Undoing
  /** Kept from run to run by who makes many, so that files that did not change are not read again. */
  readonly host?: LiveHost
  readonly tell: (event: RunEvent) => void
  /** Is told what a step waits for. */
  readonly waiting: (what: string) => void
  /** Ends the run after the resource under way. */
  readonly signal: AbortSignal
  /** Ends the command under way. */
  readonly kill: AbortSignal
}

/** Looks and shows. Writes nothing at all, not even a lock. */
export async function check(local: Local, only?: ReadonlySet<ResourceId>): Promise<RunResult> {
  const { catalog, blobs, states, stateDir, tell, signal, paused } = local
  const { debts } = ofState(stateDir, () => readJournal(stateDir))
  const journal = { ...SILENT, debts: (id: ResourceId) => debts.filter((debt) => debt.id === id) }
  const host = local.host ?? openHost(stateDir)
  const leaving = only === undefined ? leavingNow(local) : undefined
  const all = { blobs: withKept(blobs, stateDir), ...(leaving && { leaving }) }
  const run = { host, states, ...all, journal, ledger: NO_LEDGER, tell, signal, only, paused }
  return converge(catalog, { ...run, mode: 'check', perform: refuse })
}

const leavingNow = ({ catalog, stateDir }: Local) => leavingOf(owned(stateDir).entries, catalog)

/** Content that was there before drover, for what is put back, beside that of the catalog. */
function withKept(blobs: Blobs, stateDir: string): Content {
  const kept = [contentFolder(stateDir), undoContentFolder(stateDir)].map(keptContent)
  return {
    get(sha256) {
      for (const one of [blobs, ...kept]) {
        const bytes = one.get(sha256)
        if (bytes !== undefined) return bytes
      }
      return undefined
    },
  }
}

/** What drover owns on this host. */
export const owned = (stateDir: string) => ofState(stateDir, () => readLedger(stateDir))

const SILENT = { owe: nothing, begin: nothing, paid: nothing }
const NO_LEDGER = { own: async () => undefined, unchanged: nothing, release: nothing }
function nothing(): void {}

async function refuse(step: Step): Promise<void> {
  throw new Error(`a check was about to perform ${step.do}`)
}

/**
 * Several looks and applies under one lock, so that nothing of ours comes between a plan and what is made of it. One about
 * some resources follows a look at them: what that has asked of units, packages and accounts is not asked again.
 */
export interface Session {
  /** Says nothing of how far it has come unless it is given somebody to tell. */
  check(told?: Local['tell'], only?: ReadonlySet<ResourceId>): Promise<RunResult>
  /**
   * @param reviewed the plan that was seen: what it shows for certain is performed as shown or not at all
   * @param only what it is about; left out: all
   */
  apply(reviewed?: readonly Outcome[], only?: ReadonlySet<ResourceId>): Promise<RunResult>
  close(): void
}

export function openSession(local: Local): Session {
  const { catalog, states, stateDir, tell, waiting, signal, kill, paused, runId, undo } = local
  const blobs = withKept(local.blobs, stateDir)
  const journal = ofState(stateDir, () => openJournal(stateDir))
  const host = local.host ?? openHost(stateDir)
  const base = { host, states, blobs, signal, paused }
  const runOf = (only?: ReadonlySet<ResourceId>) => ({ ...base, only, looked: only !== undefined })
  return {
    check(told = nothing, only) {
      const run = runOf(only)
      const shown = { ...SILENT, debts: journal.debts }
      const look = { mode: 'check', journal: shown, ledger: NO_LEDGER, perform: refuse } as const
      if (undo) return converge(catalog, { ...run, ...look, ...undoing(undo, local), tell: told })
      const leaving = only === undefined ? leavingNow(local) : undefined
      return converge(catalog, { ...run, ...look, ...(leaving && { leaving }), tell: told })
    },
    async apply(reviewed, only) {
      const guard = reviewed === undefined ? null : guardOf(reviewed)
      const effects = { host, stateDir, blobs, writing: journal.writing, waiting, signal: kill }
      const ledger = ofState(stateDir, () =>
        openLedger(stateDir, { host, states, catalog, runId, now: Date.now }),
      )
      let underWay: ResourceId | null = null
      try {
        // Asked in any case: what takes the place of something that leaves has its pre-image from there.
        const leaving = ledger.leaving()
        const about = undo ? undoing(undo, local) : only === undefined ? { leaving } : {}
        const result = await converge(catalog, {
          ...runOf(only),
          ...about,
          mode: 'apply',
          journal,
          ledger,
          isDpkgBusy: () => holderOfLocks() !== null,
          tell(event) {
            if (event.kind === 'step') underWay = event.id
            tell(event)
          },
          async perform(step, timeoutMs, recovered) {
            guard?.(underWay, step)
            await perform(step, timeoutMs, { ...effects, recovered })
          },
        })
        // What it does not take over now, the next run finds to be different again.
        tried(() => ledger.settle(result.outcomes))
        tried(() => tidyQuarantine(stateDir, Date.now()))
        return result
      } finally {
        ledger.close()
      }
    },
    close: () => journal.finish(new Set(catalog.resources.map(({ id }) => id))),
  }
}

/** What is undone is put back though it is paused: it often is, so that it stays so. */
function undoing({ leaving, reactors }: Undoing, { paused = new Map() }: Pick<Local, 'paused'>) {
  return { leaving, only: reactors, paused: new Map([...paused].filter(([id]) => reactors.has(id))) }
}

function ofState<T>(stateDir: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof Failure || (error as NodeJS.ErrnoException).code === undefined) throw error
    const hint = isOfDisk(error) ? hintOf(String((error as NodeJS.ErrnoException).code)) : undefined
    throw new Failure('denied', `its state can't be read or kept: ${reasonOf(error)}`, {
      about: stateDir,
      hint: hint ?? 'run it as root, or name another folder with --state',
      cause: error,
    })
  }
}

/**
 * Refuses steps that a reviewed plan did not show. What the plan called uncertain may be another thing by now, and
 * so may all that follows a command or a package: nobody could have shown that.
 */
function guardOf(reviewed: readonly Outcome[]): (id: ResourceId | null, step: Step) => void {
  const planned = new Map(reviewed.flatMap((one) => (one.status === 'planned' ? [[one.id, one]] : [])))
  let opaque = false
  return (id, step) => {
    const plan = id === null ? undefined : planned.get(id)
    const certain = plan !== undefined && plan.after.length === 0 && plan.unknown === null
    const shown = plan?.steps.some((one) => digest(one) === digest(step)) ?? false
    if (!shown && (certain || (plan === undefined && !opaque))) {
      throw new Failure('conflict', `it would now ${step.do} something that the plan did not show`, {
        hint: 'look at a new plan',
      })
    }
    if (step.do === 'run' || step.do === 'apt') opaque = true
  }
}

const digest = (step: Step) => sha256(JSON.stringify(step))

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trigger } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { ResourceId } from '../lib/state.ts'
import { removeTemporaries } from './files.ts'
import { lockFile } from './lock-file.ts'
import { isOfDisk, lineOf, readLine, tried, writeWhole } from './records.ts'

/** A reaction that is due, and what proves that it was done. */
export type Debt = {
  readonly id: ResourceId
  readonly trigger: Trigger
  /** What `evidence` said just before the reaction was begun; `null`: it was not begun. */
  readonly begun: string | null
}

type Entry =
  | { readonly e: 'owe'; readonly id: ResourceId; readonly trigger: Trigger }
  | { readonly e: 'begin'; readonly id: ResourceId; readonly evidence: string }
  | { readonly e: 'paid'; readonly id: ResourceId }
  | { readonly e: 'writing'; readonly directory: string }
  | { readonly e: 'finished' }

/** What an earlier run left to be done. Reading it changes nothing. */
export type Left = {
  readonly debts: readonly Debt[]
  /** Directories in which a run that was killed may have left a temporary file. */
  readonly directories: readonly string[]
  /** The last run did not come to its end. */
  readonly interrupted: boolean
}

/** The record of one run, on disk before what it announces. */
export interface Journal {
  /** On disk when it returns. */
  owe(debts: readonly { id: ResourceId; trigger: Trigger }[]): void
  /** On disk when it returns. */
  begin(id: ResourceId, evidence: string): void
  paid(id: ResourceId): void
  writing(directory: string): void
  /** Forgets debts of resources that `ids` does not hold, and gives the lock back. */
  finish(ids: ReadonlySet<ResourceId>): void
  debts(id: ResourceId): readonly Debt[]
}

const file = (stateDir: string) => join(stateDir, 'journal')

/** Reads what is left, for a check and before a run. A torn last line, as a power cut leaves it, is no entry. */
export function readJournal(stateDir: string): Left {
  let text = ''
  try {
    text = readFileSync(file(stateDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const entries: Entry[] = []
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const entry = readLine<Entry>(line)
    if (entry === null) continue
    entries.push(entry)
  }
  return replay(entries)
}

function replay(entries: readonly Entry[]): Left {
  let directories = new Set<string>()
  let interrupted = false
  for (const entry of entries) {
    interrupted = entry.e !== 'finished' && (interrupted || entry.e === 'writing' || entry.e === 'begin')
    if (entry.e === 'writing') directories.add(entry.directory)
    if (entry.e === 'finished') directories = new Set()
  }
  return { debts: entries.reduce(debtsAfter, []), directories: [...directories], interrupted }
}

function debtsAfter(debts: readonly Debt[], entry: Entry): readonly Debt[] {
  if (entry.e === 'owe') return add(debts, entry)
  if (entry.e === 'paid') return debts.filter((debt) => debt.id !== entry.id)
  if (entry.e !== 'begin') return debts
  return debts.map((debt) => (debt.id === entry.id ? { ...debt, begun: entry.evidence } : debt))
}

function add(debts: readonly Debt[], { id, trigger }: { id: ResourceId; trigger: Trigger }): readonly Debt[] {
  const known = debts.some(
    (debt) => debt.id === id && debt.trigger.on === trigger.on && debt.trigger.reaction === trigger.reaction,
  )
  // A new cause after a reaction was begun makes it due again.
  const others = debts.map((debt) => (debt.id === id ? { ...debt, begun: null } : debt))
  return known ? others : [...others, { id, trigger, begun: null }]
}

/** Opens the journal for a run and holds the host's run lock until `finish` or the end of the process. */
export function openJournal(stateDir: string): Journal {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const lock = runLock(stateDir)
  try {
    return begun(stateDir, lock)
  } catch (error) {
    // A process that lives on would keep itself out of its own lock.
    closeSync(lock)
    throw error
  }
}

function begun(stateDir: string, lock: number): Journal {
  const left = readJournal(stateDir)
  // Before the record of them is rewritten: a kill in between must find them again.
  for (const directory of left.directories) removeTemporaries(directory)
  let debts = left.debts
  const directories = new Set<string>()
  // Begins anew with what is still due, so that it never grows beyond one run.
  rewrite(stateDir, debts)
  let fd = openSync(file(stateDir), 'a', 0o600)
  /** The file is what was written to it, and no half of a line. */
  let whole = true
  const append = (entries: readonly Entry[], durably: boolean) => {
    if (!whole) {
      rewrite(stateDir, debts, directories)
      closeSync(fd)
      fd = openSync(file(stateDir), 'a', 0o600)
    }
    // Until all of it is there. What one sync refused is in no later one.
    whole = false
    // `writeSync` says nothing of a disk that had room for a part only.
    for (const entry of entries) writeFileSync(fd, `${lineOf(entry)}\n`)
    if (durably) fsyncSync(fd)
    whole = true
  }
  const take = (entry: Entry, durably: boolean) => {
    append([entry], durably)
    debts = debtsAfter(debts, entry)
  }
  return {
    owe(owed) {
      if (owed.length === 0) return
      const entries = owed.map((debt) => ({ e: 'owe', ...debt }) as const)
      append(entries, true)
      debts = entries.reduce(debtsAfter, debts)
    },
    begin: (id, evidence) => take({ e: 'begin', id, evidence }, true),
    paid(id) {
      const entry = { e: 'paid', id } as const
      // Where it can't be written, the evidence proves it to the next run.
      tried(() => append([entry], false))
      debts = debtsAfter(debts, entry)
    },
    writing(directory) {
      append([{ e: 'writing', directory }], false)
      directories.add(directory)
    },
    finish(ids) {
      try {
        append([{ e: 'finished' }], false)
        rewrite(
          stateDir,
          debts.filter((debt) => ids.has(debt.id)),
        )
      } catch (error) {
        // It says more than is left to be done, which the next run finds to be done.
        if (!isOfDisk(error)) throw error
      } finally {
        closeSync(fd)
        closeSync(lock)
      }
    },
    debts: (id) => debts.filter((debt) => debt.id === id),
  }
}

function rewrite(stateDir: string, debts: readonly Debt[], directories: Iterable<string> = []): void {
  const entries = debts.flatMap(({ id, trigger, begun }): Entry[] => [
    { e: 'owe', id, trigger },
    ...(begun === null ? [] : [{ e: 'begin', id, evidence: begun } as const]),
  ])
  for (const directory of directories) entries.push({ e: 'writing', directory })
  writeWhole(file(stateDir), [Buffer.from(entries.map((entry) => `${lineOf(entry)}\n`).join(''))])
}

/** The lock of the host's runs, as a file descriptor to be closed. Throws `Failure('unavailable')` while another has it. */
export function runLock(stateDir: string): number {
  const lock = lockFile(join(stateDir, 'lock'))
  if (lock !== null) return lock
  throw new Failure('unavailable', 'another run of drover is under way on this host', {
    hint: 'wait until it has ended; a plan can be shown meanwhile',
  })
}

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trigger } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { ResourceId } from '../lib/state.ts'
import { removeTemporaries } from './files.ts'
import { lockFile } from './lock-file.ts'
import { lineOf, readLine } from './records.ts'

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
  let debts: Debt[] = []
  let directories = new Set<string>()
  let interrupted = false
  for (const entry of entries) {
    interrupted = entry.e !== 'finished' && (interrupted || entry.e === 'writing' || entry.e === 'begin')
    if (entry.e === 'owe') debts = add(debts, entry)
    if (entry.e === 'begin')
      debts = debts.map((debt) => (debt.id === entry.id ? { ...debt, begun: entry.evidence } : debt))
    if (entry.e === 'paid') debts = debts.filter((debt) => debt.id !== entry.id)
    if (entry.e === 'writing') directories.add(entry.directory)
    if (entry.e === 'finished') directories = new Set()
  }
  return { debts, directories: [...directories], interrupted }
}

function add(debts: Debt[], { id, trigger }: { id: ResourceId; trigger: Trigger }): Debt[] {
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
  const lock = acquireLock(stateDir)
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
  let debts = [...left.debts]
  // Begins anew with what is still due, so that it never grows beyond one run.
  rewrite(stateDir, debts)
  const fd = openSync(file(stateDir), 'a', 0o600)
  const append = (entry: Entry) => {
    // `writeSync` says nothing of a disk that had room for a part only.
    writeFileSync(fd, `${lineOf(entry)}\n`)
  }
  const durably = (entries: readonly Entry[]) => {
    for (const entry of entries) append(entry)
    fsyncSync(fd)
  }
  return {
    owe(owed) {
      if (owed.length === 0) return
      for (const debt of owed) debts = add(debts, debt)
      durably(owed.map((debt) => ({ e: 'owe', ...debt })))
    },
    begin(id, evidence) {
      durably([{ e: 'begin', id, evidence }])
    },
    paid(id) {
      debts = debts.filter((debt) => debt.id !== id)
      append({ e: 'paid', id })
    },
    writing: (directory) => append({ e: 'writing', directory }),
    finish(ids) {
      try {
        append({ e: 'finished' })
        debts = debts.filter((debt) => ids.has(debt.id))
        rewrite(stateDir, debts)
      } finally {
        closeSync(fd)
        closeSync(lock)
      }
    },
    debts: (id) => debts.filter((debt) => debt.id === id),
  }
}

/** Whole or not at all, like every file that matters. */
function rewrite(stateDir: string, debts: readonly Debt[]): void {
  const entries = debts.flatMap(({ id, trigger, begun }): Entry[] => [
    { e: 'owe', id, trigger },
    ...(begun === null ? [] : [{ e: 'begin', id, evidence: begun } as const]),
  ])
  const fresh = `${file(stateDir)}.new`
  const fd = openSync(fresh, 'w', 0o600)
  try {
    writeFileSync(fd, entries.map((entry) => `${lineOf(entry)}\n`).join(''))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(fresh, file(stateDir))
  const directory = openSync(stateDir, 'r')
  fsyncSync(directory)
  closeSync(directory)
}

function acquireLock(stateDir: string): number {
  const lock = lockFile(join(stateDir, 'lock'))
  if (lock !== null) return lock
  throw new Failure('unavailable', 'another run of drover is under way on this host', {
    hint: 'wait until it has ended; a plan can be shown meanwhile',
  })
}

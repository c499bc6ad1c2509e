import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import { MAX_UNDO_RUNS, UNDO_MS } from '../lib/limits.ts'
import { timeOfRun } from '../lib/run-id.ts'
import type { Entry } from './ledger-entry.ts'
import { type KeptContent, keptContent } from './pre-image.ts'
import { bytesOf, isOfDisk, lineOf, readLine, tried } from './records.ts'

/** One resource as a run found it before it changed it. */
export type Found = Pick<
  Entry,
  'id' | 'claims' | 'onRemove' | 'needs' | 'reactors' | 'props' | 'holdsSecret' | 'before'
>

type Line = { readonly e: 'found'; readonly found: Found } | { readonly e: 'end' }

/** What a run found, in the order in which it went on to change it. */
export type UndoRecord = {
  readonly found: readonly Found[]
  /** The run came to its end, and the disk took all of it. */
  readonly whole: boolean
}

const folderIn = (stateDir: string) => join(stateDir, 'undo')
const runsIn = (stateDir: string) => join(folderIn(stateDir), 'runs')
export const undoContentFolder = (stateDir: string) => join(folderIn(stateDir), 'content')

/**
 * Takes down what one run finds, so that it can be undone. The ledger comes first: where the disk has no room for this,
 * the run goes on without.
 */
export interface UndoLog {
  readonly content: KeptContent
  /** Calls `look` for what a resource is before it is changed, and keeps it. */
  note(look: () => Promise<Found>): Promise<void>
  close(now: number): void
}

export function openUndoLog(stateDir: string, runId: string): UndoLog {
  const content = keptContent(undoContentFolder(stateDir))
  let fd: number | null = null
  let whole = true
  let hasRoom = true
  const append = (line: Line) => {
    if (fd === null) {
      mkdirSync(runsIn(stateDir), { recursive: true, mode: 0o700 })
      fd = openSync(join(runsIn(stateDir), runId), 'a', 0o600)
    }
    writeFileSync(fd, `${lineOf(line)}\n`)
  }
  return {
    content,
    async note(look) {
      if (!whole) return
      try {
        const found = await look()
        hasRoom &&= found.before.paths.every(({ unkept }) => unkept !== 'no-room')
        append({ e: 'found', found })
      } catch (error) {
        if (!isOfDisk(error)) throw error
        // What would come behind half a line would be lost with it.
        whole = false
      }
    },
    close(now) {
      if (fd === null) return
      const file = fd
      if (whole)
        tried(() => {
          append({ e: 'end' })
          fsyncSync(file)
        })
      closeSync(file)
      tried(() => tidy(stateDir, content, hasRoom && whole, now))
    },
  }
}

/** What a run found. Throws `Failure('not-found')` where nothing of it is kept. */
export function readUndoLog(stateDir: string, runId: string): UndoRecord {
  // Who asks names it, and it is the name of a file.
  const file = /^[0-9a-f-]{36}$/.test(runId) ? bytesOf(join(runsIn(stateDir), runId)) : null
  if (file === null) throw notKept(runId)
  const found = new Map<string, Found>()
  let ended = false
  let damaged = false
  for (const text of file.toString('utf8').split('\n')) {
    const line = text === '' ? undefined : readLine<Line>(text)
    if (line === null) damaged = true
    else if (line?.e === 'end') ended = true
    // As it was before the first change.
    else if (line !== undefined && !found.has(line.found.id)) found.set(line.found.id, line.found)
  }
  return { found: [...found.values()], whole: ended && !damaged }
}

const notKept = (runId: string) =>
  new Failure('not-found', 'this host keeps nothing of what the run changed', {
    about: runId,
    hint: `kept are the last ${MAX_UNDO_RUNS} runs that changed something, for ${UNDO_MS / 86_400_000} days`,
  })

/** Runs that changed something, the oldest first. */
export function undoableRuns(stateDir: string): string[] {
  const folder = runsIn(stateDir)
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Lets go of the oldest, several at a time: all that is left has to be read for it. */
function tidy(stateDir: string, content: KeptContent, hasRoom: boolean, now: number): void {
  const runs = undoableRuns(stateDir)
  const isOld = (run: string) => timeOfRun(run) < now - UNDO_MS
  if (hasRoom && runs.length <= MAX_UNDO_RUNS && !runs.some(isOld)) return
  const most = hasRoom ? MAX_UNDO_RUNS * 0.9 : Math.floor(runs.length / 2)
  const left = runs.filter((run) => !isOld(run)).slice(-Math.max(most, 1))
  for (const run of runs) if (!left.includes(run)) rmSync(join(runsIn(stateDir), run))
  const named = left.flatMap((run) =>
    readUndoLog(stateDir, run).found.flatMap(({ before }) =>
      before.paths.flatMap(({ sha256 }) => sha256 ?? []),
    ),
  )
  content.tidy(new Set(named))
}

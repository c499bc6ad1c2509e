import type { Resource } from '../lib/catalog.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Leaving } from './leaving.ts'
import { readUndoLog, undoableRuns } from './undo-log.ts'

/** What one run changed, to be put back as that run found it. */
export type Undoing = {
  readonly runId: string
  readonly leaving: Leaving
  /** Who restarts or reloads for it. */
  readonly reactors: ReadonlySet<ResourceId>
  /** What the run found is known to its end. */
  readonly whole: boolean
}

/** Throws `Failure('not-found')` where nothing is kept of what the run changed. */
export function undoingOf(stateDir: string, runId: string, resources: readonly Resource[]): Undoing {
  const { found, whole } = readUndoLog(stateDir, runId)
  // What was changed last is put back first; on_remove is for when its role goes.
  const entries = found.toReversed().map((one) => ({ ...one, onRemove: null }))
  const ids = new Set(entries.map(({ id }) => id))
  const causes = new Set(entries.flatMap(({ reactors }) => reactors.map(({ id }) => id)))
  const reacts = ({ id, reactions }: Resource) => causes.has(id) || reactions.some(({ on }) => ids.has(on))
  const reactors = resources.filter((one) => reacts(one) && !ids.has(one.id)).map(({ id }) => id)
  const undo = laterRuns(stateDir, runId, ids)
  return { runId, leaving: { entries, held: null, undo }, reactors: new Set(reactors), whole }
}

function laterRuns(stateDir: string, runId: string, ids: ReadonlySet<ResourceId>) {
  const later = new Map<ResourceId, string[]>()
  for (const run of undoableRuns(stateDir).filter((one) => one > runId))
    for (const { id } of readUndoLog(stateDir, run).found)
      if (ids.has(id)) later.set(id, [...(later.get(id) ?? []), run])
  return later
}

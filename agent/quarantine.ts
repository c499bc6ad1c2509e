import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import { QUARANTINE_MS } from '../lib/limits.ts'
import type { ResourceId } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { at, inParent } from './files.ts'
import { readJson, syncFolder, writeJson } from './records.ts'

/** Something that drover took away and keeps for a while. */
export type Quarantined = {
  /** Its name in the quarantine. */
  readonly name: string
  readonly id: ResourceId
  readonly path: string
  /** When it was taken away, in milliseconds since 1970, and from when on it may be removed for good. */
  readonly at: number
  readonly until: number
}

type Label = Omit<Quarantined, 'name'>

const folderIn = (stateDir: string) => join(stateDir, 'quarantine')
const WHAT = 'content'
const LABEL = 'label'
const freshName = () => `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`

/** Moves what is at a path to the quarantine. */
export function setAside(stateDir: string, { path, id }: Extract<Step, { do: 'quarantine' }>): void {
  const folder = join(folderIn(stateDir), freshName())
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    const now = Date.now()
    writeJson(join(folder, LABEL), { id, path, at: now, until: now + QUARANTINE_MS } satisfies Label)
    inParent(path, (place) => move(at(place), join(folder, WHAT), path))
  } catch (error) {
    // Nothing was moved.
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  syncFolder(posix.dirname(path))
  syncFolder(folder)
}

function move(from: string, to: string, path: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    throw new Failure('conflict', `${path} is on another file system than the quarantine`, {
      about: path,
      hint: 'move it away by hand, or declare "on_remove: keep" before it leaves',
    })
  }
}

/** What is in quarantine, oldest first. */
export function quarantined(stateDir: string): Quarantined[] {
  return namesIn(stateDir)
    .filter((name) => holds(stateDir, name))
    .flatMap((name) => {
      const label = readJson<Label>(join(folderIn(stateDir), name, LABEL))
      return label === null ? [] : [{ name, ...label }]
    })
    .sort((a, b) => a.at - b.at)
}

/** A move that never came about leaves a label alone. */
const holds = (stateDir: string, name: string) =>
  lstatSync(join(folderIn(stateDir), name, WHAT), { throwIfNoEntry: false }) !== undefined

/** Puts something back where it was. Nothing may be in its place. */
export function bringBack(stateDir: string, name: string): Quarantined {
  const found = quarantined(stateDir).find((one) => one.name === name)
  if (found === undefined) {
    throw new Failure('not-found', `nothing of the name "${name}" is in quarantine here`, {
      hint: 'see "drover quarantine list"',
    })
  }
  const folder = join(folderIn(stateDir), name)
  inParent(found.path, (place) => {
    if (lstatSync(at(place), { throwIfNoEntry: false }) !== undefined) throw taken(found.path)
    renameSync(join(folder, WHAT), at(place))
  })
  syncFolder(posix.dirname(found.path))
  rmSync(folder, { recursive: true })
  return found
}

const taken = (path: string) =>
  new Failure('conflict', `something is at ${path} now; nothing was put back`, {
    about: path,
    hint: 'move it away first',
  })

/** Removes for good what has been there for long enough, and what is left of a move that never came about. */
export function tidyQuarantine(stateDir: string, now: number): void {
  const over = quarantined(stateDir).filter(({ until }) => until <= now)
  const empty = namesIn(stateDir).filter((name) => !holds(stateDir, name))
  for (const name of [...over.map(({ name }) => name), ...empty])
    rmSync(join(folderIn(stateDir), name), { recursive: true, force: true })
}

function namesIn(stateDir: string): string[] {
  try {
    return readdirSync(folderIn(stateDir))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}

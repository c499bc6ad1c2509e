import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs'
import { join, posix } from 'node:path'
import {
  MAX_DIFF_BYTES,
  MAX_REHEARSED_DIFFS_BYTES,
  MAX_REHEARSED_FILE_BYTES,
  MAX_REHEARSED_PATHS,
  PIECE_BYTES,
} from '../../lib/limits.ts'
import type { Preview } from '../../lib/outcome.ts'
import type { Effect } from '../../lib/rehearsal.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Change, ResourceId } from '../../lib/state.ts'
import type { Accounts } from '../accounts.ts'
import { lstat } from '../lstat.ts'
import { textPreview } from '../preview.ts'
import type { Layer } from './stage.ts'

/** What is known of the rehearsal beside the files that it left. */
export type Told = {
  /** The folder of drover's own state. */
  readonly stateDir: string
  /** Of all steps that were performed. */
  readonly paths: ReadonlyMap<string, ResourceId>
  /** Who was at work at a moment of the kernel's clock, in milliseconds. */
  readonly at: (ms: number) => ResourceId | null
  /** The package that brings a path. */
  readonly packageOf: (path: string) => string | null
  /** Resources whose content is nobody's to see. */
  readonly sensitive: ReadonlySet<ResourceId>
  readonly scrub: (text: string) => string
  readonly accounts: Accounts
}

export type Effects = { readonly effects: Effect[]; readonly more: number; readonly volatile: number }

// What nobody declares, and what is another thing after any run of apt.
const VOLATILE =
  /^\/(run|tmp|var\/(tmp|cache|log|run|lock|lib\/(dpkg|apt|systemd\/(random-seed|timers|timesync|catalog)|man-db|ucf\/cache))|etc\/ld\.so\.cache|root\/\.cache)(\/|$)/

/** What an apply left in the upper layers, compared with the host below them. */
export async function effectsOf(layers: readonly Layer[], told: Told): Promise<Effects> {
  const found: Found[] = []
  let volatile = 0
  for (const layer of layers)
    for (const one of differences(layer, '', layers)) {
      if (isVolatile(one.path, told)) volatile += 1
      else found.push(one)
    }
  found.sort((a, b) => (a.path < b.path ? -1 : 1))
  // Those of packages are the many, and the least worth telling.
  const kept = new Set(
    [...found]
      .sort((a, b) => Number(told.packageOf(a.path) !== null) - Number(told.packageOf(b.path) !== null))
      .slice(0, MAX_REHEARSED_PATHS),
  )
  const effects: Effect[] = []
  const room = { bytes: MAX_REHEARSED_DIFFS_BYTES }
  for (const one of found) if (kept.has(one)) effects.push(await effectOf(one, told, room))
  return { effects, more: found.length - effects.length, volatile }
}

const isVolatile = (path: string, { stateDir, paths }: Told) =>
  !paths.has(path) && (VOLATILE.test(path) || path === stateDir || path.startsWith(`${stateDir}/`))

type Found = {
  readonly path: string
  readonly before: Stats | null
  readonly after: Stats | null
  /** The host's own file. */
  readonly lower: string
  /** When it was changed. */
  readonly ms: number
}

/**
 * Nothing is asked of overlayfs but what it shows: what is gone is what the host has and the copy has not.
 *
 * @param ms when the directory above was changed
 */
function* differences(layer: Layer, below: string, layers: readonly Layer[], ms = 0): Generator<Found> {
  const upper = join(layer.upper, below)
  const path = posix.join(layer.point, below)
  const changedMs = lstat(upper)?.ctimeMs ?? ms
  if (below !== '') yield* difference(layer, below, changedMs)
  const gone = goneFrom(join(layer.lower, below), path)
  for (const name of gone) {
    const goneMs = lstat(join(upper, name))?.ctimeMs ?? changedMs
    yield* removed(posix.join(path, name), join(layer.lower, below, name), goneMs)
  }
  // A directory that came by a rename has what it holds in no layer at its own path.
  const isNew = lstat(join(layer.lower, below)) === null
  for (const name of isNew ? namesIn(path) : namesIn(upper)) {
    const written = lstat(join(upper, name))
    const stats = written ?? lstatSync(join(path, name))
    // What lies below a mount is another layer's.
    const isOthers = layers.some(({ point }) => point === posix.join(path, name))
    if (isOthers || isWhiteout(stats)) continue
    if (stats.isDirectory()) yield* differences(layer, join(below, name), layers, changedMs)
    else yield* file(layer, join(below, name), written?.ctimeMs ?? changedMs)
  }
}

function goneFrom(lower: string, path: string): string[] {
  const now = new Set(namesIn(path))
  return namesIn(lower).filter((name) => !now.has(name))
}

function* difference(layer: Layer, below: string, ms: number): Generator<Found> {
  const path = posix.join(layer.point, below)
  const lower = join(layer.lower, below)
  const [before, after] = [lstat(lower), lstat(path)]
  if (before === null || (after !== null && differs(before, after, lower, path)))
    yield { path, before, after, lower, ms }
}

/** In place of a directory, all that it held is gone. */
function* file(layer: Layer, below: string, ms: number): Generator<Found> {
  const lower = join(layer.lower, below)
  yield* difference(layer, below, ms)
  for (const name of namesIn(lower))
    yield* removed(posix.join(layer.point, below, name), join(lower, name), ms)
}

function* removed(path: string, lower: string, ms: number): Generator<Found> {
  yield { path, before: lstatSync(lower), after: null, lower, ms }
  for (const name of namesIn(lower)) yield* removed(posix.join(path, name), join(lower, name), ms)
}

const isWhiteout = (stats: Stats) => stats.isCharacterDevice() && stats.rdev === 0
const namesIn = (path: string): string[] => (lstat(path)?.isDirectory() ? readdirSync(path) : [])

/** A file that was only opened for writing, or touched, is as it was. */
function differs(before: Stats, after: Stats, lower: string, path: string): boolean {
  if (kindOf(before) !== kindOf(after) || before.mode !== after.mode) return true
  if (before.uid !== after.uid || before.gid !== after.gid) return true
  if (after.isSymbolicLink()) return readlinkSync(lower) !== readlinkSync(path)
  if (!after.isFile()) return before.rdev !== after.rdev
  return before.size !== after.size || !holdSame(lower, path)
}

/** Two files of one size, however large. */
function holdSame(one: string, other: string): boolean {
  const files = [openSync(one, 'r'), openSync(other, 'r')] as const
  const [here, there] = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)]
  try {
    for (;;) {
      const bytes = readSync(files[0], here)
      readSync(files[1], there)
      if (!here.subarray(0, bytes).equals(there.subarray(0, bytes))) return false
      if (bytes < PIECE_BYTES) return true
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}

function kindOf(stats: Stats): Effect['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'link' : 'special'
}

async function effectOf(found: Found, told: Told, room: { bytes: number }): Promise<Effect> {
  const { path, before, after, ms } = found
  const named = told.paths.get(path) ?? null
  const content = contentOf(found, named, told)
  const brought = named === null ? told.packageOf(path) : null
  const preview = brought === null ? await previewOf(found, named, content, told, room) : null
  const shownPath = told.scrub(path)
  return {
    path: shownPath,
    change: before === null ? 'created' : after === null ? 'removed' : 'changed',
    kind: kindOf((after ?? before) as Stats),
    changes: after === null ? [] : changesOf(found, after, told),
    sha256: content && sha256(content),
    preview: preview && { ...preview, path: shownPath },
    by: named ?? told.at(ms),
    named: named !== null,
    package: brought,
  }
}

/** What may be told: what everybody on the host may read, or a resource declares without a secret in it. */
function contentOf({ path, after }: Found, named: ResourceId | null, told: Told): Buffer | null {
  if (!after?.isFile()) return null
  if (named !== null ? told.sensitive.has(named) : !isOpen(after)) return null
  if (after.size > MAX_REHEARSED_FILE_BYTES) return null
  const bytes = readFileSync(path)
  const text = bytes.toString()
  return told.scrub(text) === text ? bytes : null
}

async function previewOf(
  { path, before, after, lower }: Found,
  named: ResourceId | null,
  bytes: Buffer | null,
  { scrub }: Told,
  room: { bytes: number },
): Promise<Preview | null> {
  if (!after?.isFile()) return null
  const sizes = `${before?.size ?? 0} -> ${after.size} bytes`
  // What was closed until now is not shown for being opened.
  const old = before?.isFile() && (named !== null || isOpen(before)) ? before.size : 0
  if (after.size > MAX_REHEARSED_FILE_BYTES) return noted(path, sizes)
  if (bytes === null) return noted(path, `${sizes}, not for everybody to see`)
  if (old === bytes.length && (old === 0 || holdSame(lower, path))) return null
  if (room.bytes <= 0 || Math.max(old, bytes.length) > MAX_DIFF_BYTES) return noted(path, sizes)
  const text = old === 0 ? '' : readFileSync(lower, 'utf8')
  const preview = await textPreview(path, scrub(text), bytes.toString())
  room.bytes -= preview.diff?.length ?? 0
  return preview
}

const isOpen = ({ mode }: Stats) => (mode & 0o004) !== 0
const noted = (path: string, note: string): Preview => ({ path, diff: null, note, added: 0, removed: 0 })

function changesOf({ path, before, lower }: Found, after: Stats, { accounts, scrub }: Told): Change[] {
  const fieldsOf = (stats: Stats | null, place: string) => ({
    kind: stats && kindOf(stats),
    mode: stats && !stats.isSymbolicLink() ? (stats.mode & 0o7777).toString(8).padStart(4, '0') : null,
    owner: stats && (accounts.userOf.get(stats.uid) ?? String(stats.uid)),
    group: stats && (accounts.groupOf.get(stats.gid) ?? String(stats.gid)),
    target: stats?.isSymbolicLink() ? scrub(readlinkSync(place)) : null,
  })
  const [from, to] = [fieldsOf(before, lower), fieldsOf(after, path)]
  const fields = Object.keys(to) as (keyof typeof to)[]
  return fields
    .filter((field) => from[field] !== to[field])
    .map((field) => ({ field, from: from[field], to: to[field] }))
}

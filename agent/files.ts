import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import { hardLinked, isOpenToOthers, notEmpty, unsafeDirectory, unsafeLink } from './refusals.ts'

/**
 * Changes files relative to an open directory, so that nobody who swaps a directory for a link meanwhile sends the
 * change elsewhere. A path of `/proc/self/fd/N/name` is to Node what `openat` is to C.
 */

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
// Node has no name for O_PATH: a handle that opens nothing, not even a FIFO or a device.
const O_PATH = 0o10000000
const MAX_LINKS = 40

const TEMPORARY = /^\.drover-[0-9a-f]{16}\.tmp$/

type Place = { readonly fd: number; readonly name: string }
export type Ids = { readonly uid: number; readonly gid: number }

/** What Node calls a name in an open directory. */
export const at = ({ fd, name }: Place) => `/proc/self/fd/${fd}/${name}`

/** Opens the directory that holds `path` and hands it to `work`. */
export function inParent<T>(path: string, work: (place: Place) => T): T {
  const fd = openDirectory(posix.dirname(path), MAX_LINKS)
  try {
    return work({ fd, name: posix.basename(path) })
  } finally {
    closeSync(fd)
  }
}

/** Walks from the root, one component at a time, and follows only links that root alone could have made. */
function openDirectory(path: string, links: number): number {
  const parts = path.split('/').filter((part) => part !== '')
  let fd = openSync('/', DIRECTORY)
  let walked = '/'
  try {
    for (const [i, name] of parts.entries()) {
      const place = { fd, name }
      walked = posix.join(walked, name)
      const target = linkAt(place, walked, path)
      if (target !== null) {
        if (links === 0) throw new Failure('invalid', `${path} leads through too many links`, { about: path })
        const rest = posix.join(posix.resolve(posix.dirname(walked), target), ...parts.slice(i + 1))
        closeSync(fd)
        fd = -1
        return openDirectory(rest, links - 1)
      }
      const next = openNext(place, walked)
      closeSync(fd)
      fd = next
      if (isOpenToOthers(fstatSync(fd).mode)) throw unsafeDirectory(walked)
    }
    return fd
  } catch (error) {
    if (fd !== -1) closeSync(fd)
    throw error
  }
}

/** Where a link leads that can be trusted; `null`: it is none. Whoever owns a directory can swap the links in it. */
function linkAt(place: Place, walked: string, path: string): string | null {
  const stats = lstatOrAbsent(place)
  if (stats === null) {
    throw new Failure('not-found', `directory ${walked} is not there`, {
      about: path,
      hint: `declare directory:${walked} in the role`,
    })
  }
  if (!stats.isSymbolicLink()) return null
  const parent = fstatSync(place.fd)
  if (stats.uid !== 0 || parent.uid !== 0 || isOpenToOthers(parent.mode)) throw unsafeLink(walked)
  return readlinkSync(at(place))
}

function openNext(place: Place, walked: string): number {
  try {
    return openSync(at(place), DIRECTORY)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error
    throw new Failure('conflict', `${walked} is no directory`, { about: walked })
  }
}

function lstatOrAbsent(place: Place): Stats | null {
  return lstatSync(at(place), { throwIfNoEntry: false }) ?? null
}

const temporary = (fd: number): Place => ({ fd, name: `.drover-${randomBytes(8).toString('hex')}.tmp` })

export type Write = {
  readonly path: string
  readonly bytes: Buffer
  /** `null`: as the file that is there, or 0644. */
  readonly mode: number | null
  /** `null`: as the file that is there, or root. */
  readonly uid: number | null
  readonly gid: number | null
}

/**
 * Replaces a file whole: old or new at every moment, never mixed, never wider in mode than declared.
 *
 * `inspect` is given the path of the new file before it is swapped in, and stops the swap by throwing.
 */
export async function write(file: Write, inspect: (path: string) => Promise<void>): Promise<void> {
  const fd = openDirectory(posix.dirname(file.path), MAX_LINKS)
  const place = { fd, name: posix.basename(file.path) }
  const fresh = temporary(fd)
  try {
    const old = lstatOrAbsent(place)
    fill(fresh, file, old?.isFile() ? old : null)
    await inspect(posix.join(posix.dirname(file.path), fresh.name))
    swap(fresh, place, old)
  } catch (error) {
    discard(fresh)
    throw error
  } finally {
    closeSync(fd)
  }
}

/** What the directory may not remember is taken back at once, so that the next run finds it to be done. */
function swap(fresh: Place, place: Place, old: Stats | null): void {
  const handle = old?.isFile() ? openSync(at(place), O_PATH | constants.O_NOFOLLOW) : null
  try {
    renameSync(at(fresh), at(place))
    try {
      fsyncSync(place.fd)
    } catch (error) {
      if (old === null) discard(place)
      if (handle !== null) putBack(place, handle)
      throw error
    }
  } finally {
    if (handle !== null) closeSync(handle)
  }
}

/** A copy of what was there: the file itself has no name any more. Where that fails too, the new one stays. */
function putBack(place: Place, handle: number): void {
  const copy = temporary(place.fd)
  try {
    const { uid, gid, mode } = fstatSync(handle)
    copyFileSync(`/proc/self/fd/${handle}`, at(copy), constants.COPYFILE_EXCL)
    chownSync(at(copy), uid, gid)
    chmodSync(at(copy), mode & 0o7777)
    renameSync(at(copy), at(place))
  } catch {
    discard(copy)
  }
}

function fill(place: Place, { bytes, mode, uid, gid }: Write, old: Stats | null): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const fd = openSync(at(place), flags, 0o600)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
    fchownSync(fd, uid ?? old?.uid ?? 0, gid ?? old?.gid ?? 0)
    // chown clears setuid and setgid, so the mode is set after the owner.
    fchmodSync(fd, mode ?? (old ? old.mode & 0o7777 : 0o644))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Whatever comes of it, why the file could not be put in place matters more. */
function discard(place: Place): void {
  try {
    unlinkSync(at(place))
  } catch {
    // It was never made, is swapped in already, or stays where nothing can be removed.
  }
}

/** Makes a directory that is not there yet; its mode is never wider than asked for. */
export function makeDirectory(path: string, mode: number, { uid, gid }: Ids): void {
  inParent(path, (place) => {
    mkdirSync(at(place), { mode: 0o700 })
    const made = openSync(at(place), DIRECTORY)
    try {
      fchownSync(made, uid, gid)
      fchmodSync(made, mode)
      fsyncSync(made)
    } finally {
      closeSync(made)
    }
    fsyncSync(place.fd)
  })
}

/** Puts a symbolic link in place of whatever file or link has its name. */
export function makeLink(path: string, target: string): void {
  inParent(path, (place) => {
    const fresh = temporary(place.fd)
    symlinkSync(target, at(fresh))
    try {
      renameSync(at(fresh), at(place))
    } catch (error) {
      discard(fresh)
      throw error
    }
    fsyncSync(place.fd)
  })
}

/** Changes a mode without following a link. */
export function changeMode(path: string, mode: number): void {
  onHandle(path, (handle) => chmodSync(handle, mode))
}

/** Changes an owner without following a link; `null` leaves that half. A mode's setuid bits are lost, as always. */
export function changeOwner(path: string, uid: number | null, gid: number | null): void {
  onHandle(path, (handle, stats) => chownSync(handle, uid ?? stats.uid, gid ?? stats.gid))
}

function onHandle(path: string, work: (handle: string, stats: Stats) => void): void {
  inParent(path, (place) => {
    const fd = openSync(at(place), O_PATH | constants.O_NOFOLLOW)
    try {
      const stats = fstatSync(fd)
      if (stats.isSymbolicLink()) throw new Failure('conflict', `${path} is a link`, { about: path })
      if (stats.isFile() && stats.nlink > 1) throw hardLinked(path, stats.nlink)
      work(`/proc/self/fd/${fd}`, stats)
    } finally {
      closeSync(fd)
    }
  })
}

/** Removes a file, a link or a directory. A directory that holds anything only if `recursive`. */
export function remove(path: string, recursive: boolean): void {
  inParent(path, (place) => {
    const stats = lstatOrAbsent(place)
    if (stats === null) return
    if (!stats.isDirectory()) unlinkSync(at(place))
    else {
      if (recursive) empty(place)
      removeEmpty(place, path)
    }
    fsyncSync(place.fd)
  })
}

function removeEmpty(place: Place, path: string): void {
  try {
    rmdirSync(at(place))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    throw notEmpty(path)
  }
}

function empty(place: Place): void {
  const fd = openSync(at(place), DIRECTORY)
  try {
    for (const name of readdirSync(`/proc/self/fd/${fd}`)) {
      const inside = { fd, name }
      if (lstatOrAbsent(inside)?.isDirectory()) {
        empty(inside)
        rmdirSync(at(inside))
      } else unlinkSync(at(inside))
    }
  } finally {
    closeSync(fd)
  }
}

/** Removes what a run that was killed left half-written in a directory. Returns how many. */
export function removeTemporaries(directory: string): number {
  let names: string[]
  try {
    names = readdirSync(directory).filter((name) => TEMPORARY.test(name))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
  return names.filter((name) => isRemoved(posix.join(directory, name))).length
}

/** One that stays, since its directory is read-only or belongs to others by now, keeps no run from its work. */
function isRemoved(path: string): boolean {
  try {
    remove(path, true)
    return true
  } catch {
    return false
  }
}

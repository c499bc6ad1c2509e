import { closeSync, openSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { reasonOf } from '../../lib/failure.ts'
import { SITE_LIMITS } from '../../lib/limits.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { Diagnostics, Place } from './diagnostics.ts'

/** One file of a site. Its bytes are read once, when they are first asked for. */
export class SiteFile {
  /** Relative to the site, with `/` between its parts. */
  readonly path: string
  readonly size: number
  readonly #absolute: string
  #bytes: Buffer | null = null
  #sha256: string | null = null

  constructor(path: string, absolute: string, size: number) {
    this.path = path
    this.size = size
    this.#absolute = absolute
  }

  get bytes(): Buffer {
    this.#bytes ??= readFileSync(this.#absolute)
    return this.#bytes
  }

  get sha256(): string {
    this.#sha256 ??= sha256(this.bytes)
    return this.#sha256
  }
}

/**
 * A folder of which nothing outside is read: links may lead about inside, never out of it nor into `.git`.
 *
 * `prefix` stands before each path in diagnostics, for the roles that ship with drover.
 */
export class SiteFolder {
  readonly #root: string
  readonly #prefix: string
  readonly #found: Diagnostics

  constructor(root: string, prefix: string, found: Diagnostics) {
    this.#root = realpathSync(root)
    this.#prefix = prefix
    this.#found = found
  }

  place(path: string): Place {
    return { file: this.#prefix + path, line: 1, column: 1 }
  }

  /** A regular file; `null` when there is none. */
  file(path: string): SiteFile | null {
    const absolute = this.#inside(path)
    if (absolute === null) return null
    const stat = statSync(absolute, { throwIfNoEntry: false })
    if (stat === undefined) return null
    if (!stat.isFile()) {
      this.#found.error('E_FILE_KIND', this.place(path), `${path} is not a regular file`)
      return null
    }
    const { most } = SITE_LIMITS.file_bytes_per_host
    if (stat.size > most) {
      const message = `${path} has ${stat.size} bytes; one host takes at most ${most}`
      this.#found.error('E_LIMIT', this.place(path), message, {
        hint: 'bring large files to hosts in a package',
      })
      return null
    }
    return this.#unreadable(path, () => closeSync(openSync(absolute, 'r')))
      ? null
      : new SiteFile(this.#prefix + path, absolute, stat.size)
  }

  /** Names in a folder, sorted, without those that begin with a dot. Empty when it is not there. */
  names(path: string): string[] {
    const absolute = this.#inside(path)
    if (absolute === null || !this.isFolder(path)) return []
    let names: string[] = []
    this.#unreadable(path, () => {
      names = readdirSync(absolute)
    })
    return names.filter((name) => !name.startsWith('.')).sort()
  }

  /** Whether reading fails, which is then said. */
  #unreadable(path: string, read: () => void): boolean {
    try {
      read()
      return false
    } catch (error) {
      this.#found.error('E_UNREADABLE', this.place(path), `${path} can't be read: ${reasonOf(error)}`)
      return true
    }
  }

  isFolder(path: string): boolean {
    const absolute = this.#inside(path)
    return absolute !== null && (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false)
  }

  /** All files below a folder, by their path relative to it. */
  walk(path: string): Map<string, SiteFile> {
    const files = new Map<string, SiteFile>()
    const descend = (below: string, depth: number): void => {
      // Links inside the site could lead round in circles.
      if (depth > MAX_FOLDER_DEPTH) return
      for (const name of this.names(join(path, below))) {
        const relative = below === '' ? name : `${below}/${name}`
        if (this.isFolder(join(path, relative))) descend(relative, depth + 1)
        else this.#keep(files, relative, this.file(join(path, relative)))
      }
    }
    descend('', 0)
    return files
  }

  #keep(files: Map<string, SiteFile>, path: string, file: SiteFile | null): void {
    if (file !== null) files.set(path, file)
  }

  #inside(path: string): string | null {
    const real = resolveLinks(join(this.#root, path))
    if (real === null) return null
    const git = join(this.#root, '.git')
    const within = real === this.#root || real.startsWith(this.#root + sep)
    if (within && real !== git && !real.startsWith(git + sep)) return real
    this.#found.error('E_PATH_ESCAPE', this.place(path), `${path} is a link that leads out of the site`, {
      hint: 'put the file itself into the site',
    })
    return null
  }
}

const MAX_FOLDER_DEPTH = 32

/** `null` for what is not there, and for a link that leads nowhere. */
function resolveLinks(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { ResourceId } from '../lib/state.ts'
import { type Entry, type Known, knownOf } from './ledger-entry.ts'
import { bytesOf, lineOf, readLine, writeWhole } from './records.ts'

type Line = { readonly e: 'ledger'; readonly format: number } | { readonly e: 'own'; readonly entry: Entry }

const bytesFor = (line: Line) => Buffer.from(`${lineOf(line)}\n`)
const FORMAT = 1
const HEAD = bytesFor({ e: 'ledger', format: FORMAT })

export const ledgerFolder = (stateDir: string) => join(stateDir, 'ledger')
export const contentFolder = (stateDir: string) => join(ledgerFolder(stateDir), 'content')
const fileIn = (stateDir: string) => join(ledgerFolder(stateDir), 'entries')
const asideIn = (stateDir: string) => join(ledgerFolder(stateDir), 'damaged')

export type Owned = {
  readonly entries: readonly Entry[]
  /** Where a ledger is kept of which lines were damaged; `null`: none ever were. */
  readonly aside: string | null
  /** Lines that are damaged now; the next run sets the file aside. */
  readonly damaged: boolean
}

/** All that drover owns on a host. Reading it changes nothing, and a run may go on meanwhile. */
export function readLedger(stateDir: string): Owned {
  const entries = new Map<ResourceId, Entry>()
  const { damaged } = eachLine(bytesOf(fileIn(stateDir)) ?? HEAD, (line) => {
    if (line.e === 'own') entries.set(line.entry.id, line.entry)
  })
  const aside = asideIn(stateDir)
  return { entries: [...entries.values()], aside: existsSync(aside) ? aside : null, damaged }
}

/** A last line without its end, as a power cut leaves it, is none; any other that is not what was written is damaged. */
function eachLine(file: Buffer, work: (line: Line, at: number, bytes: number) => void) {
  let at = 0
  let damaged = false
  for (let end = file.indexOf(0x0a); end !== -1; end = file.indexOf(0x0a, at)) {
    const line = readLine<Line>(file.toString('utf8', at, end))
    if (line?.e === 'ledger' && line.format !== FORMAT) throw otherFormat(line.format)
    if (line === null) damaged = true
    else work(line, at, end - at)
    at = end + 1
  }
  return { damaged, torn: at < file.length }
}

const otherFormat = (format: number) =>
  new Failure('conflict', `the ledger has format ${format}, and this drover knows format ${FORMAT}`, {
    hint: 'update drover on this host',
  })

/** As this process last read it. To read all of it is the longest part of a small run, and most runs write nothing to it. */
type Kept = {
  readonly path: string
  readonly signature: string
  readonly known: Map<ResourceId, Known>
  readonly length: number
  readonly stale: number
}
let last: Kept | null = null

/** The entries on disk, for the one that has the run lock. */
export class LedgerFile {
  readonly #path: string
  #known = new Map<ResourceId, Known>()
  #length = 0
  /** Lines that say nothing any more. */
  #stale = 0
  #fd: number | null = null
  /** Of the file as it was read; `null`: it has changed since. */
  #signature: string | null

  constructor(stateDir: string) {
    this.#path = fileIn(stateDir)
    this.#signature = signatureOf(this.#path)
    if (last?.path === this.#path && last.signature === this.#signature) {
      this.#known = last.known
      this.#length = last.length
      this.#stale = last.stale
    } else this.#readAll(stateDir)
    last = null
  }

  #readAll(stateDir: string): void {
    const file = bytesOf(this.#path)
    const { damaged, torn } = eachLine(file ?? HEAD, (line, at, bytes) => {
      if (line.e === 'own') this.#remember(line.entry, at, bytes)
    })
    this.#length = file?.length ?? 0
    if (damaged && file !== null) writeWhole(asideIn(stateDir), [file])
    // What is added behind half a line would be lost with it.
    if (damaged || torn) this.rewrite((entry) => entry)
  }

  get known(): ReadonlyMap<ResourceId, Known> {
    return this.#known
  }

  has(id: ResourceId): boolean {
    return this.#known.has(id)
  }

  get(id: ResourceId): Entry | null {
    const known = this.#known.get(id)
    return known === undefined ? null : this.#read(known)
  }

  /** Entries that were replaced are in the file. */
  get isUntidy(): boolean {
    return this.#stale > 0
  }

  /** On disk when it returns. */
  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return
    const fd = this.#open()
    const [length, stale] = [this.#length, this.#stale]
    const before = entries.map(({ id }) => [id, this.#known.get(id)] as const)
    this.#signature = null
    try {
      for (const entry of entries) this.#append(fd, entry)
      fsyncSync(fd)
    } catch (error) {
      // The disk had room for a part only, or could not say that it has all of it: none of it was written.
      for (const [id, known] of before) {
        if (known === undefined) this.#known.delete(id)
        else this.#known.set(id, known)
      }
      this.#length = length
      this.#stale = stale
      ftruncateSync(fd, length)
      throw error
    }
  }

  /**
   * Writes the file anew, with what `change` makes of each entry; `null` leaves it out. On disk when it returns.
   */
  rewrite(change: (entry: Entry) => Entry | null): void {
    const parts = [HEAD]
    const known = new Map<ResourceId, Known>()
    let at = HEAD.length
    for (const [id, place] of this.#known) {
      const entry = change(this.#read(place))
      if (entry === null) continue
      const line = bytesFor({ e: 'own', entry })
      parts.push(line)
      known.set(id, knownOf(entry, at, line.length - 1))
      at += line.length
    }
    this.#signature = null
    writeWhole(this.#path, parts)
    this.#closeFile()
    this.#known = known
    this.#length = at
    this.#stale = 0
  }

  close(): void {
    this.#closeFile()
    const signature = this.#signature
    if (signature === null) return
    last = { path: this.#path, signature, known: this.#known, length: this.#length, stale: this.#stale }
  }

  #closeFile(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }

  #open(): number {
    if (this.#fd !== null) return this.#fd
    if (this.#length === 0) {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      writeWhole(this.#path, [HEAD])
      this.#length = HEAD.length
    }
    this.#fd = openSync(this.#path, 'a+')
    return this.#fd
  }

  #append(fd: number, entry: Entry): void {
    const line = bytesFor({ e: 'own', entry })
    writeFileSync(fd, line)
    this.#remember(entry, this.#length, line.length - 1)
    this.#length += line.length
  }

  #remember(entry: Entry, at: number, bytes: number): void {
    if (this.#known.has(entry.id)) this.#stale += 1
    this.#known.set(entry.id, knownOf(entry, at, bytes))
  }

  #read({ at, bytes }: Known): Entry {
    const buffer = Buffer.allocUnsafe(bytes)
    const length = readSync(this.#open(), buffer, 0, bytes, at)
    const line = readLine<Line>(buffer.toString('utf8', 0, length))
    if (line?.e === 'own') return line.entry
    this.#signature = null
    throw new Failure('unavailable', 'the ledger is not what it was when this run began', {
      about: this.#path,
      hint: 'the next run sets it aside and goes on with what is whole',
    })
  }
}

/** `null`: there is no such file. */
function signatureOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined
    ? null
    : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
}

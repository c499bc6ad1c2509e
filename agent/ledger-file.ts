import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Resource } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { PreImage } from '../lib/pre-image.ts'
import type { Reaction, ResourceId } from '../lib/state.ts'
import { bytesOf, lineOf, readLine, writeWhole } from './records.ts'

/** One resource that drover made or changed on this host, and what was there before. */
export type Entry = {
  readonly id: ResourceId
  /** The site and the host that declare it, or did last. Nobody else takes it back. */
  readonly owner: string
  /** When drover first changed it, in milliseconds since 1970. */
  readonly since: number
  /** When a run first found that no role declares it any more; `null`: one does. */
  readonly leftAt: number | null
  /** Who declares it, or did last. */
  readonly claims: readonly { readonly role: string; readonly place: string }[]
  readonly onRemove: Resource['onRemove']
  readonly needs: readonly ResourceId[]
  /** Who restarts or reloads when it changes. */
  readonly reactors: readonly { readonly id: ResourceId; readonly reaction: Reaction }[]
  /** As they were last applied. A secret is a digest of itself; of content that holds one there is no digest. */
  readonly props: Readonly<Record<string, unknown>>
  readonly holdsSecret: boolean
  readonly before: PreImage
}

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

/** Where an entry stands in the file. A catalog may have many resources: in memory there are only places. */
type Place = { readonly at: number; readonly bytes: number }

/** The entries on disk, for the one that has the run lock. */
export class LedgerFile {
  readonly #path: string
  #places = new Map<ResourceId, Place>()
  #length = 0
  /** Lines that say nothing any more. */
  #stale = 0
  #fd: number | null = null

  /** @param known is told of each entry */
  constructor(stateDir: string, known: (entry: Entry) => void) {
    this.#path = fileIn(stateDir)
    const file = bytesOf(this.#path)
    const { damaged, torn } = eachLine(file ?? HEAD, (line, at, bytes) => {
      if (line.e === 'ledger') return
      this.#remember(line.entry.id, { at, bytes })
      known(line.entry)
    })
    this.#length = file?.length ?? 0
    if (damaged && file !== null) writeWhole(asideIn(stateDir), [file])
    // What is added behind half a line would be lost with it.
    if (damaged || torn) this.rewrite((entry) => entry)
  }

  has(id: ResourceId): boolean {
    return this.#places.has(id)
  }

  get(id: ResourceId): Entry | null {
    const place = this.#places.get(id)
    return place === undefined ? null : this.#read(place)
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
    const before = entries.map(({ id }) => [id, this.#places.get(id)] as const)
    try {
      for (const entry of entries) this.#append(fd, entry)
      fsyncSync(fd)
    } catch (error) {
      // The disk had room for a part only, or could not say that it has all of it: none of it was written.
      for (const [id, place] of before) {
        if (place === undefined) this.#places.delete(id)
        else this.#places.set(id, place)
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
    const places = new Map<ResourceId, Place>()
    let at = HEAD.length
    for (const [id, place] of this.#places) {
      const entry = change(this.#read(place))
      if (entry === null) continue
      const line = bytesFor({ e: 'own', entry })
      parts.push(line)
      places.set(id, { at, bytes: line.length - 1 })
      at += line.length
    }
    writeWhole(this.#path, parts)
    this.close()
    this.#places = places
    this.#length = at
    this.#stale = 0
  }

  close(): void {
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
    this.#remember(entry.id, { at: this.#length, bytes: line.length - 1 })
    this.#length += line.length
  }

  #remember(id: ResourceId, place: Place): void {
    if (this.#places.has(id)) this.#stale += 1
    this.#places.set(id, place)
  }

  #read({ at, bytes }: Place): Entry {
    const buffer = Buffer.allocUnsafe(bytes)
    const length = readSync(this.#open(), buffer, 0, bytes, at)
    const line = readLine<Line>(buffer.toString('utf8', 0, length))
    if (line?.e === 'own') return line.entry
    throw new Failure('unavailable', 'the ledger is not what it was when this run began', {
      about: this.#path,
      hint: 'the next run sets it aside and goes on with what is whole',
    })
  }
}

import { createHash } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Blobs, Catalog } from '../lib/catalog.ts'
import { Failure, reasonOf } from '../lib/failure.ts'
import { sha256 } from '../lib/sha256.ts'
import type { CatalogHead__Output } from '../proto/gen/drover/v1/CatalogHead.ts'
import type { SealedSecret__Output } from '../proto/gen/drover/v1/SealedSecret.ts'
import { blobsOf } from './blobs.ts'
import type { Calls, ReceivedCatalog } from './calls.ts'
import { bytesOf, readJson, syncFolder, writeJson, writeWhole } from './records.ts'

/** The last good catalog with all that belongs to it. */
export type Held = {
  readonly sha256: string
  readonly commit: string
  readonly catalog: Catalog
  readonly blobs: Blobs
  readonly sealed: readonly SealedSecret__Output[]
}

/** The last good catalog on disk. It is enforced until the next one is whole. */
export interface CatalogCache {
  /** `null`: there is none, or it is damaged and has to be fetched again. */
  held(): Held | null
  /** Its digest; empty for none. */
  readonly sha256: string
  /** Something of it is not what it was, or is not there, and has to be fetched again. */
  readonly damaged: boolean
  /** Finds what the disk has lost or changed. */
  verify(): Promise<void>
  /** Fetches what the host should have now. Throws `Failure`, and keeps what it has, when that can't be used here. */
  fetch(from: Pick<Calls, 'catalog' | 'blob'>): Promise<'same' | 'new' | 'none'>
  /** Removes what the last good catalog does not name; not while a run may still read it. */
  tidy(): void
}

type Current = {
  readonly sha256: string
  readonly commit: string
  readonly secrets: readonly {
    readonly name: string
    readonly version: string
    readonly ciphertext: string
  }[]
}

/** @param accept throws when this agent can't apply a catalog */
export function openCatalogCache(
  stateDir: string,
  accept: (catalog: Catalog, minAgentVersion: string) => void,
): CatalogCache {
  const dir = join(stateDir, 'catalog')
  const blobDir = join(dir, 'blobs')
  mkdirSync(blobDir, { recursive: true, mode: 0o700 })
  const fileOf = (digest: string) => join(dir, `${digest}.catalog`)
  let damaged = false
  let held: Held | null = load()

  function load(): Held | null {
    const current = readJson<Current>(join(dir, 'current'))
    const bytes = current && bytesOf(fileOf(current.sha256))
    if (!current || !bytes || sha256(bytes) !== current.sha256) return null
    return heldOf(current, bytes)
  }

  function heldOf(current: Current, bytes: Buffer): Held {
    const catalog = readCatalog(bytes)
    const sealed = current.secrets.map((one) => ({
      ...one,
      ciphertext: Buffer.from(one.ciphertext, 'base64'),
    }))
    const blobs = blobsOf(blobDir, catalog.blobs, () => {
      damaged = true
    })
    return { sha256: current.sha256, commit: current.commit, catalog, blobs, sealed }
  }

  function keep({ head }: ReceivedCatalog, bytes: Buffer): void {
    const current = currentOf(head)
    writeJson(join(dir, 'current'), current)
    held = heldOf(current, bytes)
    damaged = false
  }

  return {
    held: () => held,
    get sha256() {
      return held?.sha256 ?? ''
    },
    get damaged() {
      return damaged
    },
    async verify() {
      const onDisk = held && bytesOf(fileOf(held.sha256))
      if (held && (!onDisk || sha256(onDisk) !== held.sha256)) held = null
      for (const digest of Object.keys(held?.catalog.blobs ?? {})) {
        if ((await digestOf(join(blobDir, digest))) === digest) continue
        rmSync(join(blobDir, digest), { force: true })
        damaged = true
      }
    },
    async fetch(from) {
      const received = await from.catalog(held?.sha256 ?? '')
      if (received === null) return 'none'
      const { head, bytes } = received
      if (bytes === null) {
        if (held === null) throw new Failure('internal', 'the master sent no catalog, and there is none here')
        await fetchBlobs(blobDir, held.catalog, from)
        damaged = false
        held = { ...held, sealed: head.secrets }
        writeJson(join(dir, 'current'), currentOf(head))
        return 'same'
      }
      const catalog = parse(bytes)
      accept(catalog, head.min_agent_version)
      await fetchBlobs(blobDir, catalog, from)
      writeWhole(fileOf(head.sha256), [bytes])
      const same = held?.sha256 === head.sha256
      keep(received, bytes)
      return same ? 'same' : 'new'
    },
    tidy() {
      const named = new Set(Object.keys(held?.catalog.blobs ?? {}))
      if (held === null) return
      for (const name of readdirSync(blobDir))
        if (!named.has(name.replace(/\.part$/, ''))) rmSync(join(blobDir, name), { force: true })
      for (const name of readdirSync(dir))
        if (name.endsWith('.catalog') && name !== `${held.sha256}.catalog`) rmSync(join(dir, name))
    },
  }
}

function currentOf({ sha256, commit, secrets }: CatalogHead__Output): Current {
  const coded = secrets.map(({ name, version, ciphertext }) => ({
    name,
    version,
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  }))
  return { sha256, commit, secrets: coded }
}

/** One of an older master takes nothing back. */
const readCatalog = (bytes: Buffer) =>
  ({ roles: [], maxRemovals: 0, ...JSON.parse(bytes.toString('utf8')) }) as Catalog

function parse(bytes: Buffer): Catalog {
  let catalog: Catalog
  try {
    catalog = readCatalog(bytes)
  } catch (cause) {
    throw new Failure('invalid', `the catalog is no JSON: ${reasonOf(cause)}`, { cause })
  }
  if (catalog.format === 1) return catalog
  throw new Failure('conflict', `the catalog has format ${catalog.format}, and this agent knows format 1`, {
    hint: 'update drover on this host',
  })
}

async function fetchBlobs(dir: string, catalog: Catalog, from: Pick<Calls, 'blob'>): Promise<void> {
  for (const [digest, bytes] of Object.entries(catalog.blobs))
    if (sizeOf(join(dir, digest)) !== bytes) await fetchBlob(dir, digest, bytes, from)
}

/** What came before a transfer broke is kept, and the next one goes on behind it. */
async function fetchBlob(
  dir: string,
  digest: string,
  bytes: number,
  from: Pick<Calls, 'blob'>,
): Promise<void> {
  const [path, part] = [join(dir, digest), join(dir, `${digest}.part`)]
  let length = sizeOf(part) ?? 0
  if (length > bytes) {
    rmSync(part)
    length = 0
  }
  if (length < bytes || bytes === 0) {
    appendFileSync(part, '', { mode: 0o600 })
    for await (const piece of from.blob(digest, length)) {
      length += piece.length
      if (length > bytes) break
      appendFileSync(part, piece)
    }
  }
  if (length < bytes) throw broken(digest)
  if ((await digestOf(part)) !== digest) {
    rmSync(part)
    throw broken(digest)
  }
  const fd = openSync(part, 'r')
  try {
    fsyncSync(fd)
  } catch (error) {
    // It is fetched anew: a second sync would call durable what the first one lost.
    rmSync(part, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(part, path)
  syncFolder(dir)
}

const broken = (digest: string) =>
  new Failure('unavailable', `content ${digest} did not come whole`, { hint: 'it is fetched again' })

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? null

/** `null`: it is not there. In pieces: content may be larger than the agent. */
async function digestOf(path: string): Promise<string | null> {
  if (sizeOf(path) === null) return null
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path)) digest.update(piece)
  return digest.digest('hex')
}

import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Blobs } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import { sha256 } from '../lib/sha256.ts'

/**
 * Content by its digest, read from a folder when it is asked for: all of it together may be larger than the agent.
 * What is not what its name says is never handed out.
 */
export function blobsOf(dir: string, named: Readonly<Record<string, number>>, damaged: () => void): Blobs {
  const get = (digest: string): Buffer | undefined => {
    if (!Object.hasOwn(named, digest)) return undefined
    const path = join(dir, digest)
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined
    const bytes = isThere ? readFileSync(path) : null
    if (bytes !== null && sha256(bytes) === digest) return bytes
    damaged()
    rmSync(path, { force: true })
    throw missing(digest, isThere ? 'was damaged on disk' : 'is not there any more')
  }
  return viewOf(Object.keys(named), get)
}

/** Content that is there, and more that was made of it, which is few. */
export function layered(below: Blobs, more: ReadonlyMap<string, Buffer>): Blobs {
  const digests = [...new Set([...below.keys(), ...more.keys()])]
  return viewOf(digests, (digest) => more.get(digest) ?? below.get(digest))
}

function viewOf(digests: readonly string[], get: (digest: string) => Buffer | undefined): Blobs {
  const known = new Set(digests)
  const entries = function* (): MapIterator<[string, Buffer]> {
    for (const digest of digests) yield [digest, get(digest) as Buffer]
  }
  const blobs: Blobs = {
    size: digests.length,
    has: (digest) => known.has(digest),
    get,
    keys: () => digests.values(),
    entries,
    [Symbol.iterator]: entries,
    *values(): MapIterator<Buffer> {
      for (const [, bytes] of entries()) yield bytes
    },
    forEach(each) {
      for (const [digest, bytes] of entries()) each(bytes, digest, blobs)
    },
  }
  return blobs
}

const missing = (digest: string, how: string) =>
  new Failure('unavailable', `content ${digest.slice(0, 12)} ${how} in the agent's cache`, {
    hint: 'it is fetched again as soon as the master is there',
  })

import type { CompiledHost } from '../compile/compile-worker.ts'

/** Content that workers handed out, once each, and that the store does not have: its catalogs were refused. */
export class Unkept {
  readonly #bytes = new Map<string, Buffer>()

  /** What the store is to get with a catalog; `made` is `null` for one that was refused. */
  blobsFor({ fresh }: CompiledHost, made: CompiledHost['made']): Map<string, Buffer> {
    const bodies = fresh.map(([sha256, bytes]) => [sha256, Buffer.from(bytes)] as const)
    if (made === null) {
      for (const [sha256, bytes] of bodies) this.#bytes.set(sha256, bytes)
      return new Map()
    }
    return new Map([...made.blobs.flatMap((sha256) => this.#known(sha256)), ...bodies])
  }

  /** The store has these. */
  forget(blobs: Iterable<string>): void {
    for (const sha256 of blobs) this.#bytes.delete(sha256)
  }

  #known(sha256: string): [string, Buffer][] {
    const bytes = this.#bytes.get(sha256)
    return bytes === undefined ? [] : [[sha256, bytes]]
  }
}

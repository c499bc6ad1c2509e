import type { Readable, Writable } from 'node:stream'
import { deserialize, serialize } from 'node:v8'

/** Values on a pipe between two processes of ours, each behind its length, so that content is not held twice. */

const LENGTH_BYTES = 6

/** Waits until the other side has room. */
export async function writeFrame(to: Writable, value: unknown): Promise<void> {
  const bytes = serialize(value)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUIntBE(bytes.length, 0, LENGTH_BYTES)
  to.write(length)
  if (to.write(bytes)) return
  await new Promise<void>((resolve) => {
    to.once('drain', resolve)
    to.once('close', resolve)
  })
}

/** Whole values, until the other side ends. */
export async function* readFrames(from: Readable): AsyncGenerator<unknown> {
  let kept: Buffer[] = []
  let held = 0
  let wanted = LENGTH_BYTES
  let isLength = true
  for await (const chunk of from as AsyncIterable<Buffer>) {
    kept.push(chunk)
    held += chunk.length
    while (held >= wanted) {
      const all = Buffer.concat(kept)
      const bytes = all.subarray(0, wanted)
      kept = [all.subarray(wanted)]
      held -= wanted
      if (!isLength) yield deserialize(bytes)
      wanted = isLength ? bytes.readUIntBE(0, LENGTH_BYTES) : LENGTH_BYTES
      isLength = !isLength
    }
  }
}

import { PassThrough } from 'node:stream'
import t from 'tap'
import { readFrames, writeFrame } from '../../../agent/rehearsal/frames.ts'

t.test('values come out of a pipe as they went in, however it cuts them', async (t) => {
  const values = [{ a: [1, null], bytes: Buffer.alloc(300_000, 7) }, 'two', new Map([['k', 1]])]
  const pipe = new PassThrough({ highWaterMark: 1000 })
  const written = (async () => {
    for (const value of values) await writeFrame(pipe, value)
    pipe.end(Buffer.from([0, 0]))
  })()
  const read: unknown[] = []
  for await (const value of readFrames(pipe)) read.push(value)
  await written
  t.equal(read.length, 3, 'what is torn off at the end is no value')
  t.same(read.slice(1), values.slice(1))
  const { bytes } = read[0] as { bytes: Uint8Array }
  t.ok(Buffer.from(bytes).equals(Buffer.alloc(300_000, 7)))
})

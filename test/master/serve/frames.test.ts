import fc from 'fast-check'
import t from 'tap'
import { FrameWatch } from '../../../master/serve/frames.ts'

const message = (bytes: number, flag = 0) => {
  const frame = Buffer.alloc(5 + bytes, 0xff)
  frame[0] = flag
  frame.writeUInt32BE(bytes, 1)
  return frame
}

/** What the watch says of bytes that come cut into pieces. */
function watch(bytes: Buffer, pieces: readonly number[], single: boolean) {
  const frames = new FrameWatch(single)
  let at = 0
  for (const size of [...pieces, bytes.length]) {
    const fault = frames.data(bytes.subarray(at, at + size))
    if (fault !== null) return fault
    at += size
  }
  return frames.end()
}

t.test('faults are found however the bytes are cut', async (t) => {
  const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 20 })
  const cases = [
    { bytes: message(10), single: true, fault: null },
    { bytes: message(0), single: true, fault: null },
    { bytes: Buffer.concat([message(3), message(9), message(0)]), single: false, fault: null },
    { bytes: Buffer.concat([message(3), message(9)]), single: true, fault: 'second message' },
    { bytes: message(3, 1), single: true, fault: 'compressed' },
    { bytes: Buffer.concat([message(3), message(3, 1)]), single: false, fault: 'compressed' },
    { bytes: message(10).subarray(0, 12), single: true, fault: 'truncated' },
    { bytes: message(10).subarray(0, 3), single: true, fault: 'truncated' },
  ]
  for (const { bytes, single, fault } of cases) {
    fc.assert(fc.property(cuts, (pieces) => watch(bytes, pieces, single) === fault))
    t.pass(`${bytes.length} bytes: ${fault}`)
  }
})

import { gzipSync } from 'node:zlib'
import { Failure } from '../../lib/failure.ts'
import { MAX_REPORT_BYTES } from '../../lib/limits.ts'
import type { Rehearsal } from '../../lib/rehearsal.ts'

/** As it is sent. Where all of it is too much, the files of packages are left out, and counted. */
export function packed(rehearsal: Rehearsal): Buffer {
  const bytes = gzipSync(JSON.stringify(rehearsal))
  if (bytes.length <= MAX_REPORT_BYTES) return bytes
  const effects = rehearsal.effects.filter((one) => one.package === null)
  const left = rehearsal.effects.length - effects.length
  if (left > 0) return packed({ ...rehearsal, effects, more: rehearsal.more + left })
  throw new Failure('exhausted', `what it came to has more than ${MAX_REPORT_BYTES} bytes`, {
    hint: 'see it on the host: drover local rehearse',
  })
}

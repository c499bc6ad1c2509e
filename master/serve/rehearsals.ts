import { Failure } from '../../lib/failure.ts'
import { MAX_REPORT_BYTES } from '../../lib/limits.ts'
import type { PutRehearsalRequest__Output } from '../../proto/gen/drover/v1/PutRehearsalRequest.ts'

/** What hosts say that rehearsals came to, for who waits, in memory: nothing was changed, so nothing is kept. */
export interface Rehearsals {
  /** From now on the host may answer this request. */
  await(hostId: string, requestId: string): { readonly body: () => Buffer | null; end(): void }
  /** Throws `not-found` for what nobody waits for, as after a restart of the master. */
  put(hostId: string, requestId: string, body: Buffer): void
}

export function openRehearsals(): Rehearsals {
  const waiting = new Map<string, { body: Buffer | null }>()
  // One host can't answer for another.
  const keyOf = (hostId: string, requestId: string) => `${hostId} ${requestId}`
  return {
    await(hostId, requestId) {
      const answer: { body: Buffer | null } = { body: null }
      waiting.set(keyOf(hostId, requestId), answer)
      return { body: () => answer.body, end: () => waiting.delete(keyOf(hostId, requestId)) }
    },
    put(hostId, requestId, body) {
      const answer = waiting.get(keyOf(hostId, requestId))
      if (answer === undefined) throw new Failure('not-found', 'nobody waits for this rehearsal')
      answer.body = body
    },
  }
}

/** An answer as it came in pieces. */
export async function readRehearsal(
  pieces: AsyncIterable<PutRehearsalRequest__Output>,
): Promise<{ requestId: string; body: Buffer }> {
  let requestId = ''
  let bytes = 0
  const parts: Buffer[] = []
  for await (const { request_id, data } of pieces) {
    if ((requestId === '') !== (request_id !== ''))
      throw new Failure('invalid', 'a rehearsal begins with the id of its request, which comes once')
    requestId ||= request_id
    bytes += data.length
    if (bytes > MAX_REPORT_BYTES)
      throw new Failure('exhausted', `a rehearsal has at most ${MAX_REPORT_BYTES} bytes`)
    parts.push(data)
  }
  if (requestId === '') throw new Failure('invalid', 'a rehearsal begins with the id of its request')
  return { requestId, body: Buffer.concat(parts) }
}

import { Failure } from '../../lib/failure.ts'
import { MAX_WAITING_EVENTS } from '../../lib/limits.ts'
import { isFailureCode } from '../../proto/failures.ts'
import type { RehearseRequest__Output } from '../../proto/gen/drover/v1/RehearseRequest.ts'
import type { RehearseResponse } from '../../proto/gen/drover/v1/RehearseResponse.ts'
import { pieces } from './agent-service.ts'
import type { Call } from './handlers.ts'
import { joinedHost } from './host-rows.ts'
import { Queue } from './queue.ts'
import type { Serving } from './serving.ts'

/** Has a host apply to a copy of itself, and hands on what it says. It ends where nobody waits any more. */
export async function* rehearse(
  serving: Serving,
  { host }: RehearseRequest__Output,
  call: Call,
): AsyncGenerator<RehearseResponse> {
  const { catalogs, fleet, rehearsals, newId } = serving
  const { row } = await joinedHost(serving, host)
  if (row.state !== 'active') throw new Failure('denied', `this host is ${row.state}`, { about: host })
  const catalog_sha256 = catalogs.current(host)?.sha256 ?? ''
  const request_id = newId()
  const answer = rehearsals.await(row.id, request_id)
  const events = new Queue<RehearseResponse>(MAX_WAITING_EVENTS)
  try {
    const order = { request_id, kind: 'RUN_KIND_REHEARSAL', fingerprint: '', catalog_sha256 } as const
    const ended = fleet.order(
      row.id,
      order,
      ({ request_id: _, ...progress }) => events.push({ progress: { host, ...progress } }),
      call.signal,
    )
    ended.then(
      () => events.end(),
      (error: Error) => events.end(error),
    )
    yield* events
    const { problem } = await ended
    if (problem !== null) {
      const { code, reason, hint } = problem
      throw new Failure(isFailureCode(code) ? code : 'internal', reason, { about: host, hint })
    }
    const body = answer.body()
    if (body === null) throw new Failure('conflict', 'the agent of this host can rehearse nothing', TOO_OLD)
    yield* pieces(body)
  } finally {
    answer.end()
  }
}

const TOO_OLD = { hint: 'update drover on this host, then try again' }

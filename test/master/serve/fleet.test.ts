import { once } from 'node:events'
import t, { type Test } from 'tap'
import { openFleet } from '../../../master/serve/fleet.ts'
import { Queue } from '../../../master/serve/queue.ts'
import type { FollowRequest__Output } from '../../../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse } from '../../../proto/gen/drover/v1/FollowResponse.ts'

const HELLO = { version: '1.0.0', boot_id: '', catalog_sha256: '', spooled_reports: 0, now: 0 }
const ORDER = { request_id: 'r1', kind: 'RUN_KIND_CHECK', fingerprint: '', catalog_sha256: '' } as const

/** A fleet of one connected host, and both ends of its stream. */
async function setUp(t: Test) {
  const fleet = openFleet({
    modeOf: async () => ({ mode: 'MODE_ENFORCE' }),
    catalogOf: () => ({ sha256: '' }),
    seen: async () => undefined,
    now: Date.now,
  })
  const said = new Queue<FollowRequest__Output>(100)
  const sent: FollowResponse[] = []
  const told = new EventTarget()
  const heard = (word: keyof FollowResponse) => once(told, word)
  const send = (word: FollowResponse) => {
    sent.push(word)
    for (const name of Object.keys(word)) told.dispatchEvent(new Event(name))
  }
  const say = (word: Partial<FollowRequest__Output>) =>
    said.push({ message: Object.keys(word)[0], ...word } as FollowRequest__Output)
  const welcome = heard('welcome')
  const followed = fleet.follow('id', 'web1', { messages: said, send, end: (why) => said.end(why) })
  t.teardown(async () => {
    said.end()
    await followed
  })
  say({ hello: HELLO })
  await welcome
  return { fleet, say, sent }
}

t.test('a look that has ended is not called off when its call is over', async (t) => {
  const { fleet, say, sent } = await setUp(t)
  const call = new AbortController()
  const ran = fleet.order('id', ORDER, () => undefined, call.signal)
  say({ finished: { request_id: 'r1', run_id: 'one', problem: null } })
  t.match(await ran, { run_id: 'one' })
  const second = fleet.order('id', { ...ORDER, request_id: 'r2' }, () => undefined, call.signal)
  call.abort()
  await t.rejects(second, { code: 'unavailable' })
  t.same(
    sent.flatMap(({ cancel }) => (cancel ? [cancel.request_id] : [])),
    ['r2'],
  )
})

t.test('what an agent says of a run is no longer than anybody reads', async (t) => {
  const { fleet, say } = await setUp(t)
  const long = 'x'.repeat(1_000_000)
  const lengths: number[] = []
  const call = new AbortController()
  const ran = fleet.order(
    'id',
    ORDER,
    ({ resource, status, waiting }) => lengths.push(resource.length, status.length, waiting.length),
    call.signal,
  )
  say({ progress: { request_id: 'r1', done: 1, total: 2, resource: long, status: long, waiting: long } })
  say({ finished: { request_id: 'r1', run_id: '', problem: { code: 'internal', reason: long, hint: long } } })
  const { problem } = await ran
  t.same(lengths, [2000, 2000, 2000])
  t.same([problem?.reason.length, problem?.hint.length], [2000, 2000])

  const asked = fleet.ask('id', { request_id: 'q1', kind: 'KIND_OWNED', subject: '' })
  say({ answer: { request_id: 'q1', data: Buffer.alloc(0), problem: { code: '', reason: long, hint: '' } } })
  t.equal((await asked).problem?.reason.length, 2000)
})

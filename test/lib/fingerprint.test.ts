import t from 'tap'
import { fingerprint, isFingerprint, movedBetween, movedSince } from '../../lib/fingerprint.ts'
import type { Outcome } from '../../lib/outcome.ts'
import type { ResourceId } from '../../lib/state.ts'

const planned = (id: ResourceId, to: unknown, more: object = {}): Outcome => ({
  id,
  status: 'planned',
  changes: [{ field: 'mode', from: '0600', to }],
  steps: [{ do: 'chmod', path: id.slice(5), mode: String(to) }],
  with: null,
  previews: [],
  after: [],
  unknown: null,
  ...more,
})
const settled = (id: ResourceId): Outcome => ({ id, status: 'settled' })
const failed = (id: ResourceId, ms: number, reason: string): Outcome => ({
  id,
  status: 'failed',
  code: 'unavailable',
  reason,
  hint: null,
  changes: [],
  steps: [],
  ended: null,
  left: [],
  ms,
})

const seen = [planned('file:/a', '0644'), settled('file:/b'), planned('file:/c', '0755')]
const name = fingerprint('web1', seen)

t.test('has a short form that names each resource', async (t) => {
  t.match(name, /^[0-9a-f]{8}-[\w-]{8}$/)
  t.ok(isFingerprint(name))
  for (const other of ['', 'plan.json', './3fa9c1d2', '3fa9c1d', `${name}x`, '3fa9c1d2-'])
    t.notOk(isFingerprint(other), other)
})

t.test('is the same for the same plan, whatever is in order beside it', async (t) => {
  t.equal(fingerprint('web1', [settled('file:/z'), ...seen]), name)
  t.equal(movedSince(name, 'web1', seen), null)
  const steps = [{ mode: '0644', path: '/a', do: 'chmod' }]
  t.equal(fingerprint('web1', [planned('file:/a', '0644', { steps }), ...seen.slice(1)]), name)
})

const differing = [
  { what: 'another host', host: 'web2', now: seen },
  { what: 'another value', now: [planned('file:/a', '0640'), ...seen.slice(1)] },
  { what: 'another order', now: [...seen].reverse() },
  { what: 'one more', now: [...seen, planned('file:/d', '0644')] },
  { what: 'one less', now: seen.slice(0, 2) },
  {
    what: 'something before it',
    now: [planned('file:/a', '0644', { after: ['package:x'] }), ...seen.slice(1)],
  },
  { what: 'one that is not known', now: [planned('file:/a', '0644', { unknown: 'why' }), ...seen.slice(1)] },
  { what: 'one that fails', now: [failed('file:/a', 1, 'why'), ...seen.slice(1)] },
]
for (const { what, host = 'web1', now } of differing) {
  t.test(`is another one with ${what}`, async (t) => {
    t.not(fingerprint(host, now), name)
    t.not(movedSince(name, host, now), null)
  })
}

t.test('does not depend on how long a failure took nor how it was worded', async (t) => {
  t.equal(
    fingerprint('a', [failed('file:/a', 3, 'after 3 ms')]),
    fingerprint('a', [failed('file:/a', 9, 'after 9 ms')]),
  )
})

t.test('says what moved', async (t) => {
  const now = [planned('file:/a', '0640'), planned('file:/b', '0644'), settled('file:/c')]
  const moved = { fresh: ['file:/b'], different: ['file:/a'], gone: ['file:/c'], unnamed: false }
  t.same(movedSince(name, 'web1', now), moved)
  t.same(movedBetween(seen, now), moved)
  t.equal(movedBetween(seen, seen), null)
})

t.test('of a large plan is short and names none', async (t) => {
  const many = Array.from({ length: 25 }, (_, i) => planned(`file:/${i}`, '0644'))
  const large = fingerprint('web1', many)
  t.match(large, /^[0-9a-f]{8}$/)
  t.match(movedSince(large, 'web1', seen), { unnamed: true })
  t.equal(fingerprint('web1', many.slice(1)).length, 8 + 1 + 24 * 4)
})

t.test('of nothing is a fingerprint too', async (t) => {
  t.ok(isFingerprint(fingerprint('web1', [])))
})

import t from 'tap'
import { openStanding } from '../../agent/drift.ts'
import type { Outcome } from '../../lib/outcome.ts'
import type { ResourceId } from '../../lib/state.ts'
import { resource, restartOn } from '../helpers/fake-host.ts'

const work = (to: string) => ({
  changes: [{ field: 'mode', from: '0600', to }],
  steps: [],
  with: null,
  previews: [],
})
const settled = (id: ResourceId): Outcome => ({ id, status: 'settled' })
const planned = (id: ResourceId, to = '0644'): Outcome => ({
  ...{ id, status: 'planned', ...work(to), after: [], unknown: null },
})
const failed = (id: ResourceId, to = '0644'): Outcome => ({
  ...{ id, status: 'failed', code: 'internal', reason: 'no', hint: null, ended: null, ms: 1 },
  ...{ changes: work(to).changes, steps: [], left: [{ field: 'mode', from: '0000', to }] },
})
const skipped = (id: ResourceId): Outcome => ({ id, status: 'skipped', because: null })
const A = 'file:/a'
const B = 'file:/b'

t.test('what differs is news, and what is as it should be is none', async (t) => {
  const { note, news } = openStanding()
  note([settled(A)], true)
  t.same(news([settled(A), planned(B), skipped(A)], 'apply'), [B])
})

t.test('what was tried in vain is no news until it differs in another way, or no more', async (t) => {
  const { note, news } = openStanding()
  note([failed(A)], true)
  t.same(news([planned(A)], 'apply'), [], 'as it was before the run')
  t.same(
    news([{ ...planned(A), changes: [{ field: 'mode', from: '0000', to: '0644' }] } as Outcome], 'apply'),
    [],
  )
  t.same(news([planned(A, '0640')], 'apply'), [A])
  t.same(news([settled(A)], 'apply'), [A])
  note([{ id: A, status: 'changed', ...work('0644'), ms: 1 }], false)
  t.same(news([planned(A)], 'apply'), [A])
})

t.test('what a check has shown is no news for a check, and all the same for an apply', async (t) => {
  const { note, news } = openStanding()
  note([planned(A)], true)
  t.same(news([planned(A)], 'check'), [])
  t.same(news([planned(A, '0640')], 'check'), [A])
  t.same(news([planned(A)], 'apply'), [A])
})

t.test('what is paused is no news until it differs in another way, or is paused no more', async (t) => {
  const { note, news } = openStanding()
  const paused = (to?: string) =>
    ({ ...planned(A, to), paused: { by: 'anna', until: 1, reason: 'a test', isOver: false } }) as Outcome
  note([paused()], true)
  t.same(news([paused()], 'apply'), [])
  t.same(news([paused('0640')], 'apply'), [A])
  t.same(news([planned(A)], 'apply'), [A])
})

t.test('what depends on it is looked at too, but nothing that waits for what failed', async (t) => {
  const { note, calledBy } = openStanding()
  const resources = [
    resource(A, {}),
    resource(B, {}),
    resource('file:/a/1', {}, { needs: [A] }),
    resource('file:/a/1/2', {}, { needs: ['file:/a/1'] }),
    resource('file:/a/b', {}, { needs: [A, B] }),
    resource('service:s.service', {}, { reactions: [restartOn('file:/a/1/2')] }),
  ]
  const below = [A, 'file:/a/1', 'file:/a/1/2', 'service:s.service']
  t.same([...calledBy([A], resources)].sort(), [...below, 'file:/a/b'].sort())
  note([failed(B)], true)
  t.same([...calledBy([A], resources)].sort(), below.sort())
  t.same([...calledBy([B], resources)].sort(), ['file:/a/b', B], 'it is tried together with what failed')
  note([settled(B)], true)
  t.same([...calledBy(['file:/a/1'], resources)], ['file:/a/1', 'file:/a/1/2', 'service:s.service'])
})

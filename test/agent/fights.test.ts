import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openFights } from '../../agent/fights.ts'
import { CALM_MS, CONTESTED, CONTESTED_FIRST_MS, CONTESTED_MAX_MS } from '../../lib/limits.ts'
import type { Contested, Outcome } from '../../lib/outcome.ts'
import type { ResourceId } from '../../lib/state.ts'

const A = 'file:/a'
const HOUR_MS = 3_600_000
const changed = (id: ResourceId, from: string, field = 'content'): Outcome => ({
  ...{
    id,
    status: 'changed',
    changes: [{ field, from, to: 'x' }],
    steps: [],
    with: null,
    previews: [],
    ms: 1,
  },
})

/** Fights by a clock that the test sets. */
function setUp(t: Test) {
  const stateDir = t.testdir({})
  const world = { now: 1_000_000_000, began: [] as Contested[], ended: [] as ResourceId[] }
  const open = () => {
    const fights = openFights(stateDir, {
      now: () => world.now,
      began: (one) => world.began.push(one),
      ended: (ids) => world.ended.push(...ids),
    })
    t.teardown(() => fights.close())
    return fights
  }
  return { world, open, stateDir }
}

for (const { times, withinMs } of CONTESTED) {
  t.test(`${times} times within ${withinMs / 60_000} min are a fight, and one less is none`, async (t) => {
    const { world, open } = setUp(t)
    const fights = open()
    // As slowly as this rule allows, so that no other one holds.
    const stepMs = Math.floor((withinMs - 1) / (times - 1))
    for (let i = 1; i < times; i += 1) {
      fights.note([changed(A, `${i}`)])
      world.now += stepMs
    }
    t.same(fights.list(), [])
    t.equal(fights.wait(A), 0)
    fights.note([changed(A, 'last')])
    t.match(fights.list(), [{ id: A, times, since: world.now - (times - 1) * stepMs, lastAt: world.now }])
    t.same(
      world.began.map(({ id }) => id),
      [A],
    )
  })
}

t.test('a contested resource is put right after ever longer, within a bound', async (t) => {
  const { world, open } = setUp(t)
  const fights = open()
  for (let i = 0; i < CONTESTED[0].times; i += 1) fights.note([changed(A, 'same')])
  const waits: number[] = []
  for (let i = 0; i < 6; i += 1) {
    waits.push(fights.wait(A))
    world.now += fights.wait(A)
    t.equal(fights.wait(A), 0)
    fights.note([changed(A, 'same')])
  }
  const wanted = [1, 2, 4, 8, 16, 32].map((n) => Math.min(n * CONTESTED_FIRST_MS, CONTESTED_MAX_MS))
  t.same(waits, wanted)
  t.match(fights.list(), [{ times: CONTESTED[0].times + 6 }])
  t.equal(world.began.length, 1, 'it is said once')
  world.now -= 24 * HOUR_MS
  t.equal(fights.wait(A), 0, 'a clock that was set back makes nobody wait')
})

t.test(
  'what is done because of another, what is declared no more, and what only differs are no fight',
  async (t) => {
    const { open } = setUp(t)
    const fights = open()
    const planned = { ...changed(A, 'x'), status: 'planned', after: [], unknown: null } as Outcome
    for (let i = 0; i < 20; i += 1) fights.note([changed('service:x', 'x', 'restart'), planned])
    t.same(fights.list(), [])
    for (let i = 0; i < 20; i += 1) fights.note([changed(A, 'x')])
    t.equal(fights.list().length, 1)
    fights.keep(new Set(['file:/b']))
    t.same(fights.list(), [])
  },
)

t.test(
  'what is known of the other hand: whether it is always the same, when it wrote, and who owns that',
  async (t) => {
    const { world, open, stateDir } = setUp(t)
    const fights = open()
    const path = join(stateDir, 'file')
    writeFileSync(path, '')
    for (let i = 0; i < CONTESTED[0].times; i += 1) {
      const at = (world.now + 400) / 1000
      utimesSync(path, at, at)
      fights.see(A, path)
      world.now += 1000
      fights.note([changed(A, i % 2 ? 'one' : 'other')])
    }
    fights.see(A, join(path, 'below-a-file'))
    fights.before([A, 'file:/b'], ['sudo by anna ran vim', 'two', 'three', 'four'])
    t.same(
      fights.list()[0]?.known.slice(3),
      ['sudo by anna ran vim', 'two', 'three'].map((text) => `not long before: ${text}`),
    )
    t.same(fights.list()[0]?.known.slice(0, 3), [
      'it changes content',
      `it left 2 different states the last ${CONTESTED[0].times} times`,
      `it wrote 0.4 s after that was put right; what it left belongs to uid ${process.getuid?.()}`,
    ])
  },
)

t.test(
  'a clock that was set back by more than it takes to calm down ends what it calls the future',
  async (t) => {
    const { world, open } = setUp(t)
    const first = open()
    for (let i = 0; i < CONTESTED[0].times; i += 1) first.note([changed(A, 'same')])
    first.close()
    world.now -= 24 * HOUR_MS
    const again = open()
    while (world.ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    t.same(world.ended, [A])
    t.same(again.list(), [])
  },
)

t.test('it is known after a restart, and forgotten when it was calm for long enough', async (t) => {
  const { world, open } = setUp(t)
  const first = open()
  for (let i = 0; i < CONTESTED[0].times; i += 1) first.note([changed(A, 'same')])
  first.close()
  world.now += CALM_MS - 100
  const again = open()
  t.match(again.list(), [{ id: A }])
  world.now += 100
  while (world.ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  t.same(world.ended, [A])
  t.same(again.list(), [])
  t.same(open().list(), [])
})

import fc from 'fast-check'
import t from 'tap'
import { delayOf } from '../../agent/backoff.ts'
import { placeOf } from '../../agent/link.ts'

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

t.test('no wait is longer than its bound, and none is negative', async () => {
  fc.assert(
    fc.property(fc.nat(100), fc.integer({ min: 0, max: 2 ** 31 }), chance, (failed, withinMs, at) => {
      const ms = delayOf(failed, withinMs, at)
      return ms >= 0 && ms <= (failed === 0 ? Math.min(Math.max(withinMs, 1000), 600_000) : 120_000)
    }),
  )
})

t.test('bounds double from one second to two minutes', async (t) => {
  t.same(
    [1, 2, 3, 7, 8, 9, 60].map((failed) => delayOf(failed, 0, 1 - 2 ** -30)),
    [999, 1999, 3999, 63_999, 119_999, 119_999, 119_999],
  )
})

t.test('five thousand agents come back evenly over what the master asked for', async (t) => {
  // A generator with a seed: the same agents each time.
  let seed = 7
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed / 2 ** 31
  }
  const AGENTS = 5000
  const SECONDS = 33
  const perSecond = new Array<number>(SECONDS).fill(0)
  for (let i = 0; i < AGENTS; i += 1) {
    const second = Math.floor(delayOf(0, SECONDS * 1000, next()) / 1000)
    perSecond[second] = (perSecond[second] ?? 0) + 1
  }
  const even = AGENTS / SECONDS
  const distance = perSecond.reduce((sum, n) => sum + (n - even) ** 2 / even, 0)
  // The value that 32 degrees of freedom exceed once in a thousand times.
  t.ok(distance < 62.5, `chi-square ${distance.toFixed(1)}`)
  t.ok(Math.max(...perSecond) < 1.4 * even, `at most ${Math.max(...perSecond)} in one second`)
})

t.test('addresses are tried in turn, and then where they were when they had names', async (t) => {
  const addresses = ['a.example:7440', 'b.example:7440']
  const memory = { ips: { 'b.example:7440': '192.0.2.2:7440' } }
  t.same(
    [0, 1, 2, 3].map((attempt) => placeOf(addresses, memory, attempt)),
    [
      { name: 'a.example:7440', ip: null },
      { name: 'b.example:7440', ip: null },
      { name: 'b.example:7440', ip: '192.0.2.2:7440' },
      { name: 'a.example:7440', ip: null },
    ],
  )
})

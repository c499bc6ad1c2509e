import t from 'tap'
import { Buckets } from '../../../master/serve/buckets.ts'
import { allows, POLICY, type Rule } from '../../../master/serve/policy.ts'
import { Queue } from '../../../master/serve/queue.ts'
import { timeoutHeader, timeoutOf } from '../../../master/serve/timeout.ts'

t.test('the time of a call is what the peer asks for, and never more than the rule allows', async (t) => {
  const cases = [
    { header: undefined, most: 5000, is: 5000 },
    { header: '2S', most: 5000, is: 2000 },
    { header: '99999999H', most: 5000, is: 5000 },
    { header: '99999999H', most: null, is: 2 ** 31 - 1 },
    { header: undefined, most: null, is: null },
    { header: '0m', most: 5000, is: 0 },
    { header: '1n', most: 5000, is: 1 },
    ...['abc', '5', 'S', '-1S', '1.5S', '123456789S', '1S2S', ''].map((header) => {
      return { header, most: 5000, is: 'invalid' as const }
    }),
  ]
  for (const { header, most, is } of cases) t.equal(timeoutOf(header, most), is, `${header} of ${most}`)
  t.equal(timeoutHeader(2 ** 31 - 1), '2147483S', 'a header has eight digits')
})

t.test('a bucket lets a burst through, then a rate, and is each caller’s own', async (t) => {
  let now = 0
  const buckets = new Buckets(() => now)
  const take = (key: string) => buckets.take(key, 3, 60)
  t.strictSame([take('a'), take('a'), take('a'), take('a')], [true, true, true, false])
  t.equal(take('b'), true)
  now = 1000
  t.strictSame([take('a'), take('a')], [true, false], 'one a second comes back')
  now = -100_000
  t.equal(take('a'), false, 'a clock that is set back gives nothing')
})

t.test('the buckets of a large fleet are not all looked at for each call', async (t) => {
  const buckets = new Buckets(() => 0)
  const take = (count: number) => {
    let taken = 0
    for (let i = 0; i < count; i += 1) taken += buckets.take(`host ${i % 60_000}`, 4, 0) ? 1 : 0
    return taken
  }
  // It would take minutes.
  t.equal(take(300_000), 240_000)
})

t.test('a queue hands out in order, and ends who does not take', async (t) => {
  const queue = new Queue<number>(2)
  queue.push(1)
  queue.push(2)
  queue.end()
  const taken = []
  for await (const value of queue) taken.push(value)
  t.strictSame(taken, [1, 2])
  const full = new Queue<number>(1)
  full.push(1)
  full.push(2)
  await t.rejects(full[Symbol.asyncIterator]().next(), { code: 'exhausted' })
})

t.test('each role of an operator holds the ones before it, and the socket holds all', async (t) => {
  const rule = (who: Rule['who']): Rule => ({ ...POLICY.Operator.Assign, who })
  const operator = (role: 'viewer' | 'deployer' | 'admin') =>
    ({ kind: 'operator', name: 'anna', role }) as const
  t.equal(allows(rule('deployer'), operator('viewer')), false)
  t.equal(allows(rule('deployer'), operator('deployer')), true)
  t.equal(allows(rule('deployer'), operator('admin')), true)
  t.equal(allows(rule('admin'), operator('deployer')), false)
  t.equal(allows(rule('admin'), { kind: 'local', name: 'local' }), true)
  t.equal(allows(rule('viewer'), { kind: 'agent', id: '1', host: 'web1' }), false)
  t.equal(allows(rule('agent'), operator('admin')), false)
  t.equal(allows(rule('agent'), { kind: 'anonymous', address: '::1' }), false)
})

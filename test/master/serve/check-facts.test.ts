import fc from 'fast-check'
import t from 'tap'
import { checkFacts } from '../../../master/serve/check-facts.ts'

const json = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

t.test('facts that are none, or too much, are refused, and nothing else is touched', async (t) => {
  const cases = [
    { what: 'a prototype', facts: '{"__proto__":{"x":1}}', code: 'invalid' },
    { what: 'a prototype, deep', facts: '{"a":{"__proto__":{"x":1}}}', code: 'invalid' },
    { what: 'a constructor', facts: '{"constructor":{"prototype":{"x":1}}}', code: 'invalid' },
    { what: 'toString', facts: '{"toString":1}', code: 'invalid' },
    {
      what: 'many keys',
      facts: json(Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [i, 1]))),
      code: 'exhausted',
    },
    { what: 'deeper than 8', facts: deep(9), code: 'invalid' },
    { what: 'ten thousand deep', facts: deep(10_000), code: 'invalid' },
    { what: 'a long string', facts: json({ a: 'x'.repeat(4097) }), code: 'exhausted' },
    { what: 'a long name', facts: json({ ['x'.repeat(256)]: 1 }), code: 'invalid' },
    { what: 'more bytes', facts: Buffer.alloc(256 * 1024 + 1, ' '), code: 'exhausted' },
    { what: 'a list', facts: '[]', code: 'invalid' },
    { what: 'null', facts: 'null', code: 'invalid' },
    { what: 'no JSON', facts: '{', code: 'invalid' },
    { what: 'a number without end', facts: '{"a":1e999}', code: 'invalid' },
    { what: 'no UTF-8', facts: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), code: 'invalid' },
  ]
  for (const { what, facts, code } of cases) {
    t.throws(() => checkFacts(typeof facts === 'string' ? json(facts) : facts), { code }, what)
    t.equal(({} as { x?: unknown }).x, undefined)
  }
  t.strictSame(checkFacts(json(deep(8))), JSON.parse(deep(8)), 'eight deep is taken')
})

t.test('whatever bytes come, the answer is facts or a failure', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          checkFacts(bytes)
        } catch (error) {
          if (!['invalid', 'exhausted'].includes((error as { code: string }).code)) throw error
        }
      },
    ),
  )
})

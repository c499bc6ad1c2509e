import fc from 'fast-check'
import t from 'tap'
import { stringify, type ToStringOptions } from 'yaml'
import { Diagnostics } from '../../master/site/diagnostics.ts'
import { expandRange } from '../../master/site/ranges.ts'
import { plain, type YamlNode } from '../../master/site/tree.ts'
import { parseYaml } from '../../master/site/yaml.ts'
import { readFull } from '../../master/site/yaml-full.ts'
import { readQuick } from '../../master/site/yaml-quick.ts'

/** What both readers make of a text; the quick one may decline, and may never differ. */
function agree(text: string): boolean {
  const quick = readQuick(text, 'f')
  if (quick === null) return true
  const found = new Diagnostics()
  const full = readFull(text, 'f', found)
  if (JSON.stringify(full) === JSON.stringify(quick) && !found.failed) return true
  throw new Error(
    `${JSON.stringify(text)}\nquick ${JSON.stringify(quick)}\nfull  ${JSON.stringify(full)} ${JSON.stringify(found.sorted())}`,
  )
}

const word = fc.constantFrom(
  'a',
  'key',
  'x-y',
  '80',
  'no',
  'null',
  'true',
  '1.5',
  '0644',
  '~',
  'é',
  'a b',
  '/etc/x',
  'file:/x',
  'a#b',
  '-1',
  '-',
  'x:',
  "it's",
  '"',
  '{{ a }}',
  'a, b',
  '',
  ' lead',
  'trail ',
  '\\',
  'a\nb',
  'a\n\n  b\n',
  '\n',
)
const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.string({ maxLength: 8 }))
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(word, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node

t.test(
  'the quick reader reads what the library writes as the full reader does, places and all',
  async (t) => {
    const options = fc.record({
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 20),
      collectionStyle: fc.constantFrom('any', 'flow', 'block'),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL'),
    })
    let read = 0
    const property = fc.property(value, options, (one, style) => {
      const text = stringify(one, style as ToStringOptions)
      if (readQuick(text, 'f') !== null) read += 1
      return agree(text)
    })
    fc.assert(property, { numRuns: 1000 })
    t.ok(read > 100, `it read ${read} of them itself`)
  },
)

t.test('the quick reader never reads otherwise than the full one, whatever the lines', async (t) => {
  const piece = fc.constantFrom(
    'a: b',
    'a:',
    '- x',
    '-',
    '- a: 1',
    '  b: 2',
    '  - y',
    '    z',
    'a: |',
    'a: |-',
    '  text',
    '   more',
    '',
    ' ',
    '# c',
    '  # c',
    'a: [1, 2]',
    'a: [x, {y: 1}]',
    'b: {c: d, e: "f"}',
    'c: "q" # r',
    "d: 'it''s'",
    'e: x # y',
    'f: x#y',
    '---',
    '...',
    '- - 1',
    '-  a: 1',
    '   b: 2',
    'g: a: b',
    'h: "x',
    '? k',
    ': v',
    'i: &a x',
    'j: *a',
    '"k": 1',
    'l : 2',
    'm: >',
    'n: -1',
    'o: - 1',
    'p: [',
    ']',
    'q: {a: b,}',
    'r:  spaced  ',
    's: "\\n\\t"',
    't: [a b, c:d, http://x/y?z=1]',
    '- {a: 1}',
    'u: 0x1f',
    'v: 1e3',
    'w: .5',
    'x: ""',
    "y: ''",
    'z: []',
    'aa: {}',
    'a: b c  d',
    '- |',
    '- "x"',
    '  a: |',
    '    deep',
    '      deeper',
    'k: !x y',
    'k: @a',
    'k: a,b',
    'k: [a,b]',
    'k: ?x',
    'k: :x',
    'k: x?',
  )
  const property = fc.property(fc.array(piece, { maxLength: 7 }), (lines) => agree(`${lines.join('\n')}\n`))
  fc.assert(property, { numRuns: 8000 })
  t.pass()
})

t.test('a string written by JSON comes back as it was', async (t) => {
  const property = fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 20 }), async (text) => {
    // JSON leaves hidden characters as they are, and those are refused on purpose.
    const source = JSON.stringify(text).replace(/[^\x20-\x7e]/g, (one) =>
      [...Array(one.length).keys()]
        .map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`)
        .join(''),
    )
    const node = await parse(`a: ${source}\n`)
    return node !== null && JSON.stringify(plain(node)) === JSON.stringify({ a: text })
  })
  await fc.assert(property, { numRuns: 300 })
  t.pass()
})

t.test('a range stands for its numbers, with their width', async (t) => {
  const property = fc.property(fc.nat(200), fc.nat(50), fc.boolean(), (from, more, pad) => {
    const width = pad ? 3 : 1
    const text = (n: number) => String(n).padStart(width, '0')
    // Without a leading zero there is no width to keep.
    if (pad && from >= 100) return true
    const { names } = expandRange(`e[${text(from)}-${pad ? text(from + more) : from + more}].x`)
    const wanted = Array.from({ length: more + 1 }, (_, i) => `e${pad ? text(from + i) : from + i}.x`)
    return JSON.stringify(names) === JSON.stringify(wanted)
  })
  fc.assert(property)
  t.strictSame(expandRange('[a,b]-[1-2,7]').names, ['a-1', 'a-2', 'a-7', 'b-1', 'b-2', 'b-7'])
  t.strictSame(expandRange('db[a-c]').names, ['dba', 'dbb', 'dbc'])
  for (const bad of ['e[]', 'e[1-]', 'e[9-1]', 'e[1-20000]', 'e[1-200][1-200]'])
    t.equal(expandRange(bad).names, null, bad)
})

async function parse(text: string): Promise<YamlNode | null> {
  const found = new Diagnostics()
  const bytes = Buffer.from(text)
  const node = await parseYaml({ path: 'f', size: bytes.length, bytes }, found)
  return found.failed ? null : node
}

t.test('scalars mean what YAML 1.2 says', async (t) => {
  const rows: [string, unknown][] = [
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['true', true],
    ['False', false],
    ['~', null],
    ['', null],
    ['null', null],
    ['0644', 644],
    ['0o17', 15],
    ['0x1F', 31],
    ['1_000', '1_000'],
    ['1.10', 1.1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['+5', 5],
    ['12:30', '12:30'],
    ['2024-01-01', '2024-01-01'],
    ['1.2.3', '1.2.3'],
    ['"0644"', '0644'],
    ["'yes'", 'yes'],
  ]
  for (const [source, wanted] of rows) {
    const node = await parse(`a: ${source}\n`)
    t.strictSame(node && plain(node), { a: wanted }, source)
    const folded = await parse(`a: ${source}\nb: &x 1\n`)
    t.strictSame(folded && plain(folded), { a: wanted, b: 1 }, `${source}, by the full reader`)
  }
})

t.test('aliases stand for what they name, up to a hundred', async (t) => {
  const node = await parse('a: &a { x: 1 }\nb: *a\nc: [*a, *a]\n')
  t.strictSame(node && plain(node), { a: { x: 1 }, b: { x: 1 }, c: [{ x: 1 }, { x: 1 }] })
  const many = (count: number) => `a: &a 1\nb: [${Array(count).fill('*a').join(', ')}]\n`
  t.ok(await parse(many(100)))
  t.notOk(await parse(many(101)))
})

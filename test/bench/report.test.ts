import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { duration, median, report, spread, table } from '../../bench/report.ts'
import { linesOf, row, warmRow } from '../../bench/rows.ts'

const medians = [
  { of: [5], is: 5 },
  { of: [3, 1, 2], is: 2 },
  { of: [4, 1, 3, 2], is: 2.5 },
  { of: [10, 9, 100], is: 10 },
]
for (const { of, is } of medians) {
  t.test(`the middle of ${of.join(', ')} is ${is}`, (t) => {
    const given = [...of]
    t.equal(median(of), is)
    t.same(of, given, 'what was given keeps its order')
    t.end()
  })
}

t.test('a spread has the middle and both ends', (t) => {
  t.same(spread([7, 1, 4]), { median: 4, min: 1, max: 7 })
  t.end()
})

const durations = [
  [0.4, '0 ms'],
  [34.4, '34 ms'],
  [100, '0.10 s'],
  [412, '0.41 s'],
  [9_949, '9.95 s'],
  [9_950, '10 s'],
  [141_600, '142 s'],
] as const
for (const [ms, text] of durations) {
  t.test(`${ms} ms are written as ${text}`, (t) => {
    t.equal(duration(ms), text)
    t.end()
  })
}

t.test('columns line up, the first to the left and the others to the right', (t) => {
  const rows = [
    ['tool', 'median', ''],
    ['drover', '34 ms'],
    ['x', '1 s', '× 9'],
  ]
  t.same(table(rows), ['tool     median', 'drover    34 ms', 'x           1 s   × 9'])
  t.end()
})

const run = (ms: number, cpuMs: number, memoryMb: number) => ({ code: 0, ms, cpuMs, memoryMb, said: '' })

t.test('a row has the middle of the times, and the largest memory', (t) => {
  t.same(row('tool', '', [run(300, 30, 10), run(100, 10, 40), run(200, 20, 20)]), {
    what: 'tool',
    note: '',
    runs: 3,
    wallMs: { median: 200, min: 100, max: 300 },
    cpuMs: 20,
    memoryMb: 40,
  })
  t.end()
})

t.test('the first row is what all others are set against', (t) => {
  const rows = [
    warmRow({ resources: 500, times: [40, 50, 60], cpuMs: 45, memoryMb: 61.6, first: 420 }),
    row('other', 'cold', [run(140_000, 99_000, 120)]),
    row('faster', '', [run(20, 10, 5), run(30, 10, 5)]),
  ]
  t.same(linesOf('500 files', rows), [
    '500 files                                        median         from, to     CPU   memory   to drover   runs',
    'drover, warm in one process (the first 0.42 s)    50 ms   40 ms to 60 ms   45 ms    62 MB         × 1      3',
    'other (cold)                                      140 s                     99 s   120 MB      × 2800      1',
    'faster                                            25 ms   20 ms to 30 ms   10 ms     5 MB       × 0.5      2',
  ])
  t.end()
})

t.test('figures of several benches are kept in one file, and the text of all of them', (t) => {
  const base = join(t.testdir(), 'results')
  const { BENCH_RESULTS: before } = process.env
  t.teardown(() => {
    if (before === undefined) delete process.env.BENCH_RESULTS
    else process.env.BENCH_RESULTS = before
  })
  process.env.BENCH_RESULTS = base
  const printed = t.capture(process.stdout, 'write', () => true)
  report('one', ['a line'], { ms: 1 })
  report('two', [], { ms: 2 })
  report('one', ['again'], { ms: 3 })
  printed.restore()
  const text = '# one\na line\n\n# two\n\n# one\nagain\n\n'
  t.equal(readFileSync(`${base}.txt`, 'utf8'), text)
  t.same(JSON.parse(readFileSync(`${base}.json`, 'utf8')), { one: { ms: 3 }, two: { ms: 2 } })
  t.equal(
    printed()
      .map(({ args }) => args[0])
      .join(''),
    text,
  )
  t.end()
})

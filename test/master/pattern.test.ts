import t from 'tap'
import { compilePattern, MAX_PATTERN_VALUE } from '../../master/site/pattern.ts'

const REFUSED = [
  '(a+)+$',
  '(a*)*',
  '(a|a)*b',
  '(a|ab)*c',
  '([a-z]+)*x',
  '(?=a)b',
  '(a)\\1',
  '(?<n>a)\\k<n>',
  '((a)+b?)+',
  '(.+,)*',
  '(',
  'a*b*c*d*e*f*g*',
]
const TAKEN: [string, string, string][] = [
  ['[a-z]+', 'abc', 'aB'],
  ['^[a-z]+(\\.[a-z]+)*$', 'a.bc.d', 'a..b'],
  ['[a-z]+(?:-[a-z]+)*', 'a-b', 'a-'],
  ['(a|b)c?', 'ac', 'abc'],
  ['\\d{1,3}(\\.\\d{1,3}){3}', '192.0.2.1', '1.2.3'],
  ['/[a-z/]+', '/srv/x', 'srv'],
]

for (const source of REFUSED) {
  t.test(`${source} is refused`, async (t) => {
    t.equal(compilePattern(source).regex, null)
  })
}

for (const [source, good, bad] of TAKEN) {
  t.test(`${source} matches whole values`, async (t) => {
    const { regex } = compilePattern(source)
    t.ok(regex?.test(good), good)
    t.notOk(regex?.test(bad), bad)
  })
}

t.test('what is taken answers at once about the longest value', async (t) => {
  for (const [source] of TAKEN) {
    const { regex } = compilePattern(source)
    for (const text of ['a', 'a.', 'a-', '1', '/']) {
      const start = process.cpuUsage()
      regex?.test(`${text.repeat(MAX_PATTERN_VALUE / text.length)}!`)
      t.ok(process.cpuUsage(start).user < 100_000, `${source} on ${text}`)
    }
  }
})

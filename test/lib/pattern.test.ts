import t from 'tap'
import { matcher, patternProblem } from '../../lib/pattern.ts'

const good = [
  '^#?\\s*PermitRootLogin\\b',
  '^(a|b)$',
  '^(?:[a-z]+)(\\.[a-z]+)*$',
  '[(+*]+',
  'a{2,3}',
  '(a+)?',
  'a+?b',
  '\\(a+\\)+',
  'caf\\u00e9',
]
const bad = {
  '(a+)+$': /repeats a group that repeats inside/,
  '(a|a)*': /repeats a group/,
  '(a*){2,}': /repeats a group/,
  '((ab)+)*': /repeats a group/,
  '(.a+)*': /repeats a group/,
  '(a)\\1': /refers back/,
  '(?<n>a)\\k<n>': /refers back/,
  'a(?=b)': /looks ahead/,
  'a(?<!b)': /looks ahead/,
  '.*.*.*.*.*.*.*': /more than 6/,
  '[': /not a regular expression/,
  'a**': /not a regular expression/,
  [`${'a'.repeat(501)}`]: /more than 500/,
}
for (const source of good) t.test(`taken: ${source}`, async (t) => t.equal(patternProblem(source), null))
for (const [source, problem] of Object.entries(bad))
  t.test(`refused: ${source.slice(0, 20)}`, async (t) => t.match(patternProblem(source), problem))

t.test('what is taken never takes long on a line', async (t) => {
  const line = `${'a'.repeat(4095)}!`
  const started = performance.now()
  for (const source of good) matcher(source)(line)
  t.ok(performance.now() - started < 1000)
  t.equal(matcher('a')(`${line}a`), null, 'a longer line is matched by nothing')
})

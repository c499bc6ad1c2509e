import t from 'tap'
import { textPreview } from '../../agent/preview.ts'
import { MAX_DIFF_LINES } from '../../lib/limits.ts'

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`).join('')

t.test(
  'a file that is made empty adds no line, and one without an end to its last line says so',
  async (t) => {
    t.match(await textPreview('/f', '', ''), { diff: '', added: 0, removed: 0 })
    const end = '\\ No newline at end of file'
    t.match(await textPreview('/f', '', 'a'), { diff: `@@ -0,0 +1,1 @@\n+a\n${end}`, added: 1 })
    t.match(await textPreview('/f', 'b\n', 'a'), { diff: `@@ -1,1 +1,1 @@\n-b\n+a\n${end}`, added: 1 })
  },
)

for (const [before, heading] of [
  ['', 1],
  ['other\n', 2],
] as const) {
  t.test(`a diff from ${JSON.stringify(before)} of as many lines as are shown has no more`, async (t) => {
    const whole = MAX_DIFF_LINES - heading
    const { note, diff } = await textPreview('/f', before, lines(whole))
    t.equal(note, null)
    t.equal(diff?.split('\n').length, MAX_DIFF_LINES)
    t.match(await textPreview('/f', before, lines(whole + 1)), { note: '1 more line', added: whole + 1 })
    t.match(await textPreview('/f', before, lines(whole + 5)), { note: '5 more lines', added: whole + 5 })
  })
}

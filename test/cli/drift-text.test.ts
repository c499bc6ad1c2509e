import t from 'tap'
import { rowLines } from '../../cli/drift-text.ts'
import { bytesOf } from '../helpers/rows.ts'

t.test('every line of a diff is counted, whatever it begins with', async (t) => {
  const changes = bytesOf([{ field: 'sha256', from: 'a'.repeat(64), to: 'b'.repeat(64) }])
  const diff = '@@ -1 +1,2 @@\n--- old\n+++ new\n+more'
  const row = { resource: 'file:/etc/motd', changes, diff, origin: '' }
  const lines = rowLines(row, { diff: 'none', all: false, wide: false }, 0)
  const text = lines.map((line) => line.map((span) => (typeof span === 'string' ? span : span[1])).join(''))
  t.match(text.join('\n'), /content \+2 -1/)
})

import { execFileSync } from 'node:child_process'
import t from 'tap'
import { sha256 } from '../../lib/sha256.ts'

t.test('bytes and text come to what sha256sum says of them', async (t) => {
  for (const text of ['', 'é\n', 'x'.repeat(100_000)]) {
    const said = execFileSync('sha256sum', { input: text, encoding: 'utf8' })
    t.equal(`${sha256(text)}  -\n`, said)
    t.equal(sha256(Buffer.from(text)), sha256(text))
  }
})

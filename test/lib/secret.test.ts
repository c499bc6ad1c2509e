import { inspect } from 'node:util'
import t from 'tap'
import { Secret } from '../../lib/secret.ts'

const HASH = '$6$salt$hash'

t.test('a secret can be used and not shown', async (t) => {
  const secret = new Secret(HASH)
  t.equal(secret.reveal(), HASH)
  for (const shown of [JSON.stringify({ secret }), `${secret}`, inspect({ secret })]) {
    t.match(shown, /sha256:[0-9a-f]{16}/)
    t.notOk(shown.includes('hash'))
  }
})

t.test('two secrets show whether they are the same', async (t) => {
  t.equal(`${new Secret(HASH)}`, `${new Secret(HASH)}`)
  t.not(`${new Secret(HASH)}`, `${new Secret(`${HASH}1`)}`)
})

import { createPublicKey, sign, verify } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { Failure } from '../../lib/failure.ts'
import {
  formatJoinString,
  type JoinString,
  joinKeyOf,
  parseJoinString,
  publicJoinKey,
} from '../../lib/join-string.ts'
import { Secret } from '../../lib/secret.ts'

const hex = (min: number, max = min) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: min, maxLength: max })
const joinStrings: fc.Arbitrary<JoinString> = fc.record({
  kind: fc.constantFrom('host', 'operator'),
  inviteId: fc.uuid(),
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((one) => {
    return new Secret(Buffer.from(one).toString('base64url'))
  }),
  rootPin: hex(64),
  addresses: fc.array(
    fc.constantFrom(
      'master.example:7441',
      '192.0.2.1:7441',
      '[2001:db8::1]:7441',
      'm:1',
      'a-b.c.example:65535',
    ),
    { minLength: 1, maxLength: 5 },
  ),
})

const same = (a: JoinString, b: JoinString) =>
  a.kind === b.kind &&
  a.inviteId === b.inviteId &&
  a.seed.reveal() === b.seed.reveal() &&
  a.rootPin === b.rootPin &&
  a.addresses.join() === b.addresses.join()

t.test('what is formatted is parsed to the same, with whatever white space about it', async () => {
  fc.assert(
    fc.property(joinStrings, (one) => {
      const line = formatJoinString(one).reveal()
      return same(parseJoinString(` \t${line}\r\n`), one)
    }),
  )
})

t.test('a line that lacks any of its end is refused, and no refusal repeats the seed', async () => {
  fc.assert(
    fc.property(joinStrings, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (one, share) => {
      const line = formatJoinString({ ...one, addresses: ['master.example:7441'] }).reveal()
      // A port that lacks digits is still a port.
      const cut = line.slice(0, Math.floor((line.length - 4) * share))
      try {
        parseJoinString(cut)
        return false
      } catch (error) {
        return (
          error instanceof Failure && error.code === 'invalid' && !inspect(error).includes(one.seed.reveal())
        )
      }
    }),
  )
})

t.test('any text at all is a join string or a typed failure', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      try {
        parseJoinString(text)
        return false
      } catch (error) {
        return error instanceof Failure && error.code === 'invalid'
      }
    }),
    { numRuns: 1000 },
  )
})

t.test('what is wrong is named', async (t) => {
  const [seed, pin] = ['A'.repeat(43), 'a'.repeat(64)]
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['x'.repeat(5000), /more than one line/],
    [`drover1.aaaaaaaa.${seed}.${pin}.m:1\nand more`, /more than one line/],
    ['ssh-ed25519 AAAA', /more than one line/],
    [`drover2.aaaaaaaa.${seed}.${pin}.m:1`, /does not begin with "drover1\."/],
    [`drover1.../x.${seed}.${pin}.m:1`, /id is none/],
    [`drover1.aaaaaaaa.${seed.slice(1)}.${pin}.m:1`, /seed/],
    [`drover1.aaaaaaaa.${'A'.repeat(42)}B.${pin}.m:1`, /seed/],
    [`drover1.aaaaaaaa.${seed}.${pin.toUpperCase()}.m:1`, /pin/],
    [`drover1.aaaaaaaa.${seed}.${pin}.`, /addresses/],
    [`drover1.aaaaaaaa.${seed}.${pin}.m`, /addresses/],
    [`drover1.aaaaaaaa.${seed}.${pin}.m:1,`, /addresses/],
    [`drover1.aaaaaaaa.${seed}.${pin}.-o:1`, /addresses/],
    [`drover1.aaaaaaaa.${seed}.${pin}.unix:/x:1`, /addresses/],
  ]
  for (const [line, message] of cases)
    t.throws(() => parseJoinString(line), { code: 'invalid', message }, line)
})

t.test('the public half of a join key is of its private half, and the seed is not shown', async (t) => {
  const seed = new Secret(Buffer.alloc(32, 7).toString('base64url'))
  const words = Buffer.from('words')
  const key = createPublicKey({ key: publicJoinKey(seed), format: 'der', type: 'spki' })
  t.equal(key.asymmetricKeyType, 'ed25519')
  t.ok(verify(null, words, key, sign(null, words, joinKeyOf(seed))))
  const one = {
    kind: 'host',
    inviteId: 'aaaaaaaa',
    seed,
    rootPin: 'a'.repeat(64),
    addresses: ['m:1'],
  } as const
  t.notMatch(inspect(one) + JSON.stringify(one) + String(formatJoinString(one)), seed.reveal())
})

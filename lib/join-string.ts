import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { Failure } from './failure.ts'
import { Secret } from './secret.ts'

/**
 * All that a host, or an operator, needs to join, in one line:
 * `drover1.<invite id>.<seed>.<root pin>.<address,address>`, and `drover1-operator.…`.
 */
export type JoinString = {
  readonly kind: 'host' | 'operator'
  readonly inviteId: string
  /** Of the join key, Ed25519: 32 bytes, base64url. */
  readonly seed: Secret
  /** SHA-256 of the root's public key, hexadecimal. */
  readonly rootPin: string
  /** Of the enrollment listener, `host:port`. */
  readonly addresses: readonly string[]
}

const WORDS = { host: 'drover1', operator: 'drover1-operator' } as const
const MAX_CHARACTERS = 4096
const ADDRESS = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$/

/** What is wrong is told without a word of the line itself. */
export function parseJoinString(text: string): JoinString {
  const line = text.trim()
  if (line === '') throw wrong('it is empty')
  if (line.length > MAX_CHARACTERS || /\s/.test(line)) throw wrong('it is more than one line')
  const [word, inviteId = '', seed = '', rootPin = '', ...rest] = line.split('.')
  if (word !== WORDS.host && word !== WORDS.operator) throw wrong(`it does not begin with "${WORDS.host}."`)
  if (!/^[\w-]{8,64}$/.test(inviteId)) throw wrong("the invitation's id is none")
  // 32 bytes are 43 characters, of which the last holds two bits that mean nothing and are zero.
  if (!/^[\w-]{42}[AEIMQUYcgkosw048]$/.test(seed)) throw wrong('its seed is cut short or mistyped')
  if (!/^[0-9a-f]{64}$/.test(rootPin)) throw wrong('its pin is cut short or mistyped')
  const addresses = rest.join('.').split(',')
  if (!addresses.every((one) => ADDRESS.test(one))) throw wrong('its addresses are cut short or mistyped')
  const kind = word === WORDS.host ? 'host' : 'operator'
  return { kind, inviteId, seed: new Secret(seed), rootPin, addresses }
}

const wrong = (why: string) =>
  new Failure('invalid', `this is no join string: ${why}`, {
    hint: 'it is the whole line that "drover invite" or "drover operator add" printed',
  })

/** The line itself, which is as secret as its seed. */
export function formatJoinString({ kind, inviteId, seed, rootPin, addresses }: JoinString): Secret {
  return new Secret([WORDS[kind], inviteId, seed.reveal(), rootPin, addresses.join(',')].join('.'))
}

// What PKCS 8 puts before the 32 bytes of an Ed25519 key.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The private join key, for the one who joins. */
export function joinKeyOf(seed: Secret): KeyObject {
  const der = Buffer.concat([PKCS8, Buffer.from(seed.reveal(), 'base64url')])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

/** The public join key, which is all that the master gets: DER of a SubjectPublicKeyInfo. */
export const publicJoinKey = (seed: Secret): Buffer =>
  createPublicKey(joinKeyOf(seed)).export({ type: 'spki', format: 'der' })

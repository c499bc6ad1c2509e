import { createPublicKey, type KeyObject } from 'node:crypto'
import { Failure } from '../../lib/failure.ts'

// P-256 has 91 bytes; nothing that is accepted has more.
const MAX_KEY_BYTES = 128

/** Whether a key is of a kind that is certified here: Ed25519 or P-256. */
export function isStrong(key: KeyObject): boolean {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return key.asymmetricKeyType === 'ed25519' || (key.asymmetricKeyType === 'ec' && curve === 'prime256v1')
}

/** A public key that somebody sent, DER of a SubjectPublicKeyInfo. One that can be written otherwise is refused. */
export function acceptedKey(der: Buffer): KeyObject {
  const key = der.length > 0 && der.length <= MAX_KEY_BYTES ? parsed(der) : null
  if (key === null || !isStrong(key) || !key.export({ type: 'spki', format: 'der' }).equals(der))
    throw new Failure('invalid', 'the public key is neither Ed25519 nor P-256')
  return key
}

function parsed(der: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

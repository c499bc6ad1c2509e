import { createHash } from 'node:crypto'

/** What is signed at enrollment: the same words on both sides. Each part ends by itself or at a NUL. */

export type JoinWords = {
  readonly inviteId: string
  /** DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
  readonly ageRecipient: string
  /** SHA-256 of the server's own certificate (DER): a proof that is given to one server is worth nothing at another. */
  readonly server: Buffer
}

/** Signed by the join key, and by the key that is to be certified. */
export const joinWords = ({ inviteId, publicKey, ageRecipient, server }: JoinWords): Buffer =>
  words('drover join 1', inviteId, publicKey, ageRecipient, server)

export type RecoverWords = { readonly generation: number; readonly nonce: Buffer; readonly server: Buffer }

/** Signed by the key whose certificate has expired. */
export const recoverWords = ({ generation, nonce, server }: RecoverWords): Buffer =>
  words('drover recover 1', String(generation), nonce, server)

const NUL = Buffer.from([0])

const words = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [NUL, Buffer.from(part)])))

export const certificateDigest = (der: Buffer): Buffer => createHash('sha256').update(der).digest()

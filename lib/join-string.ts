import type { Secret } from './secret.ts'

/** `drover1.<invite id>.<seed>.<root pin>.<address,address>`: all that a host needs to join, in one line. */
export type JoinString = {
  readonly inviteId: string
  /** Of the join key, Ed25519, base64url. */
  readonly seed: Secret
  /** SHA-256 of the root's public key, hexadecimal. */
  readonly rootPin: string
  /** Of the enrollment listener, `host:port`. */
  readonly addresses: readonly string[]
}

export function parseJoinString(_text: string): JoinString {
  throw new Error('not built yet')
}

/** The line itself, which is as secret as its seed. */
export function formatJoinString(_join: JoinString): Secret {
  throw new Error('not built yet')
}

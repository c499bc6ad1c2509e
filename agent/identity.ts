import type { Secret } from '../lib/secret.ts'

/** What a host, or an operator, is to its master. */
export type AgentIdentity = {
  /** "web1", or the name of the operator. */
  readonly name: string
  /** PEM. */
  readonly key: string
  readonly chain: string
  readonly roots: string
  readonly generation: number
  /** Of the main listener, `host:port`. */
  readonly addresses: readonly string[]
  /** Of the enrollment listener, for when the certificate has expired. */
  readonly enrollment: readonly string[]
  /** What secrets for this host are opened with, an age identity; `null` for an operator. */
  readonly ageIdentity: Secret | null
  readonly notBefore: number
  readonly expiresAt: number
}

/** The identity in `dir`; `null` when it has not joined. */
export function readIdentity(_dir: string): AgentIdentity | null {
  throw new Error('not built yet')
}

/** Puts a renewed certificate into use. After a kill at any point there is the old one or the new one, whole. */
export function storeRenewed(
  _dir: string,
  _renewed: { readonly chain: string; readonly roots: string; readonly generation: number },
): AgentIdentity {
  throw new Error('not built yet')
}

/** When a certificate is to be renewed: after a third of its life, give or take a tenth. `chance` is in [0, 1). */
export function renewAt(_identity: Pick<AgentIdentity, 'notBefore' | 'expiresAt'>, _chance: number): number {
  throw new Error('not built yet')
}

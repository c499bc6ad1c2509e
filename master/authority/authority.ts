import type { Identity } from './identity.ts'

/** A certificate, just made. */
export type Issued = {
  /** The certificate and its intermediate, PEM. */
  readonly chain: string
  /** Hexadecimal, lower case. */
  readonly serial: string
  readonly expiresAt: number
}

/** The master's own certificate authority: a root, an intermediate that signs, and the master's own certificate. */
export interface Authority {
  /** PEM. */
  readonly roots: string
  /** SHA-256 of the root's public key (DER of its SubjectPublicKeyInfo), hexadecimal. */
  readonly rootPin: string
  readonly trustDomain: string
  /** Of both listeners, PEM. `changed` is called when they are renewed. */
  serverCredentials(): { readonly key: string; readonly chain: string }
  onServerCredentials(changed: () => void): void
  /** SHA-256 of each server certificate (DER) that a connection of now may have seen. */
  serverCertificates(): readonly Buffer[]
  /** All in it is made here; the caller gives the public key (DER of a SubjectPublicKeyInfo) and nothing else. */
  issue(identity: Identity, publicKey: Buffer, now: number, ttlMs: number): Promise<Issued>
  /** Whose certificate this is, by its DER; `null`: nobody's, or out of its time. */
  identityOf(certificate: Buffer, now: number): Identity | null
  /** The same for a certificate whose end is past. */
  formerIdentityOf(certificate: Buffer, now: number): Identity | null
  close(): void
}

/** The authority that is in `dir`, made there when there is none. `names`: DNS names and addresses of the master. */
export async function openAuthority(
  _dir: string,
  _names: readonly string[],
  _now: () => number,
): Promise<Authority> {
  throw new Error('not built yet')
}

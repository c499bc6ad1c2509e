import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../lib/failure.ts'
import { Secret } from '../lib/secret.ts'
import { readJson, readRecord, syncFolder, writeJson } from './records.ts'

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

/** Keys that were made to join, and are not certified yet. */
export type Joining = {
  readonly inviteId: string
  /** PEM. */
  readonly key: string
  readonly age: { readonly identity: string; readonly recipient: string } | null
}

type Stored = Omit<AgentIdentity, 'ageIdentity' | 'notBefore' | 'expiresAt'> & {
  readonly ageIdentity: string | null
}

/**
 * Key and certificate stand in one record, so that they change together: after a kill at any point there is the old
 * pair or the new one. A key that is to be certified stands in another, before anybody is asked to certify it.
 */
const places = (dir: string) => ({ identity: join(dir, 'identity'), joining: join(dir, 'joining') })

/** The identity in `dir`; `null` when it has not joined. */
export function readIdentity(dir: string): AgentIdentity | null {
  const path = places(dir).identity
  const stored = readJson<Stored>(path)
  if (stored === null && readRecord(path) === 'absent') return null
  const identity = stored && whole(stored)
  if (identity === null) throw damaged(path)
  return identity
}

export function writeIdentity(
  dir: string,
  identity: Omit<AgentIdentity, 'notBefore' | 'expiresAt'>,
): AgentIdentity {
  const stored: Stored = { ...identity, ageIdentity: identity.ageIdentity?.reveal() ?? null }
  const checked = whole(stored)
  // What the master sends is put into use only if it fits what is here.
  if (checked === null) throw new Failure('invalid', 'the master sent a certificate that is not for this key')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeJson(places(dir).identity, stored)
  rmSync(places(dir).joining, { force: true })
  syncFolder(dir)
  return checked
}

/** Puts a renewed certificate into use. After a kill at any point there is the old one or the new one, whole. */
export function storeRenewed(
  dir: string,
  { chain, roots, generation }: Pick<AgentIdentity, 'chain' | 'roots' | 'generation'>,
): AgentIdentity {
  const old = readIdentity(dir)
  if (old === null) throw new Failure('not-found', 'there is no identity to renew', { about: dir })
  return writeIdentity(dir, { ...old, chain, roots, generation })
}

/**
 * What an earlier try to join has left: with other keys the same invitation would be refused. `null` where there is
 * nothing that can be used.
 */
export const readJoining = (dir: string): Joining | null => readJson<Joining>(places(dir).joining)

export function writeJoining(dir: string, joining: Joining): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeJson(places(dir).joining, joining)
}

/** When a certificate is to be renewed: after a third of its life, give or take a tenth. `chance` is in [0, 1). */
export function renewAt(
  { notBefore, expiresAt }: Pick<AgentIdentity, 'notBefore' | 'expiresAt'>,
  chance: number,
) {
  return notBefore + ((expiresAt - notBefore) / 3) * (0.9 + 0.2 * chance)
}

const damaged = (path: string) =>
  new Failure('internal', 'the identity of this host is damaged', {
    about: path,
    hint: 'remove the file, have the host invited with "drover invite HOST --replace", and join again',
  })

/** With what its certificate says; `null` when that is not of this key. */
function whole(stored: Stored): AgentIdentity | null {
  try {
    const certificate = new X509Certificate(stored.chain)
    if (!certificate.checkPrivateKey(createPrivateKey(stored.key))) return null
    const [notBefore, expiresAt] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    const ageIdentity = stored.ageIdentity === null ? null : new Secret(stored.ageIdentity)
    return { ...stored, ageIdentity, notBefore, expiresAt }
  } catch {
    // Not PEM, or PEM of something else.
    return null
  }
}

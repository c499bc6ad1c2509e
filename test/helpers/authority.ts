import { generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Log } from '../../lib/log.ts'
import { type Authority, openAuthority } from '../../master/authority/authority.ts'
import { serverCertificate } from '../../master/authority/certificates.ts'

const say = () => undefined
export const NO_LOG: Log = { error: say, warn: say, info: say, debug: say }

export const DAY = 86_400_000

/** A clock that a test sets. */
export type Clock = { at: number; readonly now: () => number }
export function clockAt(at: number): Clock {
  const clock = { at, now: () => clock.at }
  return clock
}

export const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
export const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string

export const newP256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** An authority for the loopback. */
export const testAuthority = (
  dir: string,
  now: () => number = Date.now,
  names: readonly string[] = ['localhost', '127.0.0.1'],
): Promise<Authority> => openAuthority(dir, names, { now, log: NO_LOG })

/** A certificate for the loopback that names somebody as its issuer who has not signed it. */
export async function forgedServer(issuer: X509Certificate): Promise<{ key: string; chain: string }> {
  const { privateKey, publicKey } = newP256()
  const signer = {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: spki(issuer.publicKey),
    subject: issuer.subject,
  }
  const life = { notBefore: Date.now() - DAY, notAfter: Date.now() + DAY }
  const { pem } = await serverCertificate(['localhost', '127.0.0.1'], signer, spki(publicKey), life)
  return { key: pkcs8(privateKey), chain: pem }
}

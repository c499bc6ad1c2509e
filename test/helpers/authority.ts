import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Log } from '../../lib/log.ts'
import { type Authority, openAuthority } from '../../master/authority/authority.ts'

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

import { Failure } from '../../lib/failure.ts'
import type { Store } from '../store/store.ts'
import type { Caller } from './caller.ts'
import type { Peer } from './peer.ts'

type Known = { readonly caller: Caller; readonly keySha256: string; readonly serial: string }

/**
 * Who an identity is now: a certificate that is valid may be of a host that was revoked since. What the store said is
 * remembered until `forget`, so whoever changes a host's or an operator's standing there says so here.
 */
export class Standings {
  readonly #store: Pick<Store, 'hosts' | 'operators'>
  readonly #known = new Map<string, Known>()
  #forgotten = 0
  readonly #now: () => number

  constructor(store: Pick<Store, 'hosts' | 'operators'>, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** Throws Failure('unauthenticated') for whoever may call nothing at all. */
  async callerOf(peer: Peer): Promise<Caller> {
    if (peer.identity === null) return { kind: 'anonymous', address: peer.address }
    const kept = this.#known.get(peer.key)
    const known = kept?.serial === peer.serial ? kept : await this.#lookAnew(peer)
    if (known.keySha256 !== peer.keySha256) throw new Failure('unauthenticated', 'this key was replaced')
    this.#known.set(peer.key, known)
    return known.caller
  }

  forget(key: string): void {
    this.#forgotten += 1
    this.#known.delete(key)
  }

  /** What was read before a `forget` is worth nothing after it. */
  async #lookAnew(peer: Peer): Promise<Known> {
    for (;;) {
      const before = this.#forgotten
      const known = await this.#look(peer)
      if (before === this.#forgotten) return known
    }
  }

  async #look({ identity, serial }: Peer): Promise<Known> {
    if (identity?.kind === 'agent') {
      const host = await this.#store.hosts.get(identity.id)
      if (host?.state === 'active') {
        const caller: Caller = { kind: 'agent', id: host.id, host: host.name }
        // From now on nobody can say that the answer with this certificate was lost.
        if (host.generation_used_at === null && host.certificate_serial === serial)
          await this.#store.hosts.used({ id: host.id, serial, at: this.#now() })
        return { caller, keySha256: host.public_key_sha256, serial }
      }
      const locked = host?.state === 'locked'
      throw new Failure('unauthenticated', locked ? 'this host is locked' : 'this host is not let in', {
        hint: 'ask an operator for an invitation, and join again',
      })
    }
    if (identity?.kind === 'operator') {
      const operator = await this.#store.operators.get(identity.name)
      if (operator?.public_key_sha256) {
        const caller: Caller = { kind: 'operator', name: operator.name, role: operator.role }
        return { caller, keySha256: operator.public_key_sha256, serial }
      }
    }
    throw new Failure('unauthenticated', 'this certificate is not let in')
  }
}

import type { Log } from '../../lib/log.ts'
import type { JoinRequest__Output } from '../../proto/gen/drover/v1/JoinRequest.ts'
import type { JoinResponse } from '../../proto/gen/drover/v1/JoinResponse.ts'
import type { RenewResponse } from '../../proto/gen/drover/v1/RenewResponse.ts'
import type { Store } from '../store/store.ts'
import type { Authority } from './authority.ts'

/** What letting somebody in takes. */
export type Enrolling = {
  readonly authority: Authority
  readonly store: Pick<Store, 'hosts' | 'invites' | 'operators'>
  /** Where the main listener is, as agents reach it. */
  readonly addresses: readonly string[]
  /** An identity may not call any more: its streams are to be cut. */
  readonly denied: (hostId: string, reason: string) => void
  readonly now: () => number
  readonly newId: () => string
  readonly log: Log
}

/** A certificate for whoever holds an invitation, or for a host whose own has expired. */
export async function join(_enrolling: Enrolling, _request: JoinRequest__Output): Promise<JoinResponse> {
  throw new Error('not built yet')
}

/** The next certificate of a host, for the public key that the call was made with. */
export async function renew(
  _enrolling: Enrolling,
  _host: { readonly id: string; readonly publicKey: Buffer; readonly generation: number },
): Promise<RenewResponse> {
  throw new Error('not built yet')
}

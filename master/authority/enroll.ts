import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { Failure } from '../../lib/failure.ts'
import { AGENT_CERTIFICATE_MS, OPERATOR_CERTIFICATE_MS, RECOVER_EVERY_MS } from '../../lib/limits.ts'
import type { Log } from '../../lib/log.ts'
import { joinWords, recoverWords } from '../../lib/proof.ts'
import { sha256 } from '../../lib/sha256.ts'
import type { InviteProof__Output } from '../../proto/gen/drover/v1/InviteProof.ts'
import type { JoinRequest__Output } from '../../proto/gen/drover/v1/JoinRequest.ts'
import type { JoinResponse } from '../../proto/gen/drover/v1/JoinResponse.ts'
import type { RecoverProof__Output } from '../../proto/gen/drover/v1/RecoverProof.ts'
import type { RenewResponse } from '../../proto/gen/drover/v1/RenewResponse.ts'
import type { Renewed } from '../store/hosts.ts'
import type { Redeemed } from '../store/invites.ts'
import type { Store } from '../store/store.ts'
import type { InviteRow } from '../store/tables.ts'
import type { Authority, Issued } from './authority.ts'
import type { Identity } from './identity.ts'
import { acceptedKey } from './public-key.ts'

/** What letting somebody in takes. */
export type Enrolling = {
  readonly authority: Authority
  readonly store: Pick<Store, 'hosts' | 'invites' | 'operators'>
  /** Where the main listener is, as agents reach it. */
  readonly addresses: readonly string[]
  /** An identity may not call any more: its streams are to be cut. */
  readonly denied: (identity: Identity, reason: string) => void
  readonly now: () => number
  readonly newId: () => string
  readonly log: Log
}

const AGE_RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/
const REPLACE = 'invite it anew with "drover invite HOST --replace"'

/** A certificate for whoever holds an invitation, or for a host whose own has expired. */
export async function join(enrolling: Enrolling, request: JoinRequest__Output): Promise<JoinResponse> {
  if (request.invite) return joinByInvite(enrolling, request, request.invite)
  if (request.recover) return recover(enrolling, request, request.recover)
  throw new Failure('invalid', 'a join needs the proof of an invitation')
}

/** One answer for all that prove nothing, so that nobody learns by it which invitations there are. */
const unproven = () =>
  new Failure('denied', 'this proof is none of ours', {
    hint: 'is the join string whole, and of this master?',
  })

async function joinByInvite(
  enrolling: Enrolling,
  { public_key, age_recipient, possession }: JoinRequest__Output,
  { invite_id, signature }: InviteProof__Output,
): Promise<JoinResponse> {
  const key = acceptedKey(public_key)
  const invite = await enrolling.store.invites.get(invite_id)
  if (invite === undefined) throw unproven()
  const wordsFor = (server: Buffer) =>
    joinWords({ inviteId: invite_id, publicKey: public_key, ageRecipient: age_recipient, server })
  const signed = (by: KeyObject, one: Buffer) =>
    enrolling.authority.serverCertificates().some((server) => isSigned(by, wordsFor(server), one))
  if (!signed(joinKeyOf(invite), signature)) throw unproven()
  if (!signed(key, possession)) throw new Failure('invalid', 'the caller does not hold the key that it sends')
  if (invite.kind === 'operator') return joinOperator(enrolling, invite, public_key)
  if (!AGE_RECIPIENT.test(age_recipient)) {
    throw new Failure('invalid', 'a host needs an age recipient', {
      hint: 'this invitation is for a host, and the caller joined as an operator',
    })
  }
  return joinHost(enrolling, invite, public_key, age_recipient)
}

async function joinHost(
  enrolling: Enrolling,
  invite: InviteRow,
  publicKey: Buffer,
  ageRecipient: string,
): Promise<JoinResponse> {
  const { authority, store, denied, newId, now } = enrolling
  const [at, hostId] = [now(), newId()]
  const issued = await authority.issue({ kind: 'agent', id: hostId }, publicKey, at, AGENT_CERTIFICATE_MS)
  const use = { id: invite.id, keySha256: sha256(publicKey), at, certificate: rowOf(issued) }
  const { result, chain, replaced } = await store.invites.redeemHost({ ...use, hostId, ageRecipient })
  if (result === 'taken') {
    throw new Failure('conflict', 'a host of this name has joined already', {
      about: invite.name,
      hint: REPLACE,
    })
  }
  refuseUnless(result, invite.name)
  if (replaced !== null) denied({ kind: 'agent', id: replaced }, 'the host has joined anew')
  return answer(enrolling, invite.name, chain, 1)
}

async function joinOperator(
  enrolling: Enrolling,
  invite: InviteRow,
  publicKey: Buffer,
): Promise<JoinResponse> {
  const { authority, store, denied, now } = enrolling
  const at = now()
  const identity = { kind: 'operator', name: invite.name } as const
  const issued = await authority.issue(identity, publicKey, at, OPERATOR_CERTIFICATE_MS)
  const use = { id: invite.id, keySha256: sha256(publicKey), at, certificate: rowOf(issued) }
  const { result, chain } = await store.invites.redeemOperator(use)
  refuseUnless(result, invite.name)
  // With an earlier key nobody calls any more.
  if (result === 'used') denied(identity, 'the operator has joined anew')
  return answer(enrolling, invite.name, chain, 1)
}

/** Who comes here holds the invitation, so the reason is no secret. */
function refuseUnless(result: Redeemed, about: string): void {
  if (result === 'used' || result === 'again') return
  if (result === 'unknown') throw unproven()
  const reasons = { spent: 'this invitation was used already', expired: 'this invitation has expired' }
  throw new Failure('denied', reasons[result], { about, hint: 'ask for a new one' })
}

async function recover(
  enrolling: Enrolling,
  { public_key }: JoinRequest__Output,
  { certificate, generation, nonce, signature }: RecoverProof__Output,
): Promise<JoinResponse> {
  const { authority, store, now } = enrolling
  const at = now()
  const identity = authority.formerIdentityOf(certificate, at)
  if (identity?.kind !== 'agent') throw unproven()
  const former = new X509Certificate(certificate)
  const isProven = authority
    .serverCertificates()
    .some((server) => isSigned(former.publicKey, recoverWords({ generation, nonce, server }), signature))
  const known = former.publicKey.export({ type: 'spki', format: 'der' })
  if (!isProven || !known.equals(public_key)) throw unproven()
  if (at < Date.parse(former.validTo))
    throw new Failure('conflict', 'this certificate has not expired by the clock of the master')
  const renewal = await renewalOf(enrolling, { id: identity.id, publicKey: known, generation })
  const renewed = await store.hosts.recover({ ...renewal, everyMs: RECOVER_EVERY_MS })
  if (renewed.result === 'too often') {
    throw new Failure('denied', 'this host has come back by itself too short a time ago', { hint: REPLACE })
  }
  const { chain } = accepted(enrolling, identity.id, renewed as Renewed)
  const name = (await store.hosts.get(identity.id))?.name ?? ''
  return answer(enrolling, name, chain, renewed.generation)
}

type Renewing = { readonly id: string; readonly publicKey: Buffer; readonly generation: number }

/** The next certificate of a host, for the public key that the call was made with. */
export async function renew(enrolling: Enrolling, host: Renewing): Promise<RenewResponse> {
  const renewed = await enrolling.store.hosts.renew(await renewalOf(enrolling, host))
  const { chain, generation } = accepted(enrolling, host.id, renewed)
  return { certificate_chain: chain, roots: enrolling.authority.roots, generation }
}

/** The key stays what it was: who would certify another one by a stolen key would be rid of the owner. */
async function renewalOf({ authority, store, now }: Enrolling, { id, publicKey, generation }: Renewing) {
  // A number that was left out is no sign of a copied key.
  if (generation < 1) throw new Failure('invalid', 'a generation is counted from 1')
  const keySha256 = sha256(publicKey)
  if ((await store.hosts.get(id))?.public_key_sha256 !== keySha256) throw refused()
  const at = now()
  const issued = await authority.issue({ kind: 'agent', id }, publicKey, at, AGENT_CERTIFICATE_MS)
  return { id, generation, keySha256, at, certificate: rowOf(issued) }
}

function accepted({ denied, log }: Enrolling, id: string, renewed: Renewed): Renewed {
  if (renewed.result === 'renewed' || renewed.result === 'again') return renewed
  if (renewed.result === 'stale') {
    log.error('the key of a host is in use in two places; the host is locked', { id })
    denied({ kind: 'agent', id }, 'its key is in use in two places')
  }
  throw refused()
}

const refused = () =>
  new Failure('denied', 'this host may not have a certificate any more', { hint: REPLACE })

function answer(
  { authority, addresses }: Enrolling,
  name: string,
  chain: string,
  generation: number,
): JoinResponse {
  return { certificate_chain: chain, roots: authority.roots, name, addresses: [...addresses], generation }
}

const rowOf = ({ chain, serial, expiresAt }: Issued) => ({
  certificate_chain: chain,
  certificate_serial: serial,
  certificate_expires_at: expiresAt,
})

const joinKeyOf = ({ join_public_key }: InviteRow): KeyObject =>
  createPublicKey({ key: Buffer.from(join_public_key), format: 'der', type: 'spki' })

/** Ed25519 has its own digest; for P-256 it is SHA-256, and the signature is DER. */
function isSigned(key: KeyObject, words: Buffer, signature: Buffer): boolean {
  return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', words, key, signature)
}

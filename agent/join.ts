import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { Failure } from '../lib/failure.ts'
import { type JoinString, joinKeyOf } from '../lib/join-string.ts'
import { joinWords, recoverWords } from '../lib/proof.ts'
import { Secret } from '../lib/secret.ts'
import { enroll } from './enrollment.ts'
import {
  type AgentIdentity,
  type Joining,
  readIdentity,
  readJoining,
  storeRenewed,
  writeIdentity,
  writeJoining,
} from './identity.ts'

export type JoinParts = {
  /** Where the identity is written; it must hold none. */
  readonly dir: string
  readonly tell: (progress: string) => void
}

/** Makes keys, proves the invitation and writes the identity that it gets. */
export async function joinMaster(join: JoinString, { dir, tell }: JoinParts): Promise<AgentIdentity> {
  const there = readIdentity(dir)
  // One that has expired is worth nothing any more.
  if (there !== null && there.expiresAt > Date.now()) {
    throw new Failure('conflict', `this machine has joined already, as ${there.name}`, {
      about: dir,
      hint: 'to join anew, remove that folder first',
    })
  }
  const joining = await keysFor(join, dir, tell)
  const { inviteId, addresses, rootPin } = join
  const [key, joinKey] = [createPrivateKey(joining.key), joinKeyOf(join.seed)]
  const public_key = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const ageRecipient = joining.age?.recipient ?? ''
  tell(`asking ${addresses.join(' or ')}`)
  const { response, address } = await enroll(addresses, { rootPin }, (server) => {
    tell('the master is the one that the join string names')
    const words = joinWords({ inviteId, publicKey: public_key, ageRecipient, server })
    const invite = { invite_id: inviteId, signature: sign(null, words, joinKey) }
    return { public_key, age_recipient: ageRecipient, possession: signed(words, key), invite }
  })
  return writeIdentity(dir, {
    name: response.name,
    key: joining.key,
    chain: response.certificate_chain,
    roots: response.roots,
    generation: response.generation,
    addresses: response.addresses,
    enrollment: [address, ...addresses.filter((one) => one !== address)],
    ageIdentity: joining.age === null ? null : new Secret(joining.age.identity),
  })
}

/** On disk before anybody is asked: the invitation is for one key, also when its first answer is lost. */
async function keysFor(
  { inviteId, kind }: JoinString,
  dir: string,
  tell: (progress: string) => void,
): Promise<Joining> {
  const earlier = readJoining(dir)
  if (earlier?.inviteId === inviteId) {
    tell('using the keys of the earlier try')
    return earlier
  }
  tell('making keys')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const joining = { inviteId, key, age: kind === 'host' ? await newAge() : null }
  writeJoining(dir, joining)
  return joining
}

async function newAge(): Promise<Joining['age']> {
  // It is heavy, and of use here and for secrets alone.
  const { generateIdentity, identityToRecipient } = await import('age-encryption')
  const identity = await generateIdentity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** A new certificate for the same key, when the one in `dir` has expired. */
export async function recoverIdentity(dir: string): Promise<AgentIdentity> {
  const identity = readIdentity(dir)
  if (identity === null) throw new Failure('not-found', 'this host has not joined a master', { about: dir })
  const key = createPrivateKey(identity.key)
  const public_key = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const certificate = new X509Certificate(identity.chain).raw
  const { generation, roots } = identity
  const { response } = await enroll(identity.enrollment, { roots }, (server) => {
    const nonce = randomBytes(16)
    const signature = signed(recoverWords({ generation, nonce, server }), key)
    return { public_key, recover: { certificate, generation, nonce, signature } }
  })
  return storeRenewed(dir, {
    chain: response.certificate_chain,
    roots: response.roots,
    generation: response.generation,
  })
}

const signed = (words: Buffer, key: KeyObject): Buffer =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', words, key)

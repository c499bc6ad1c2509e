import { randomBytes, randomUUID } from 'node:crypto'
import { formatJoinString, type JoinString, publicJoinKey } from '../lib/join-string.ts'
import { Secret } from '../lib/secret.ts'
import type { AddOperatorResponse__Output } from '../proto/gen/drover/v1/AddOperatorResponse.ts'
import { type Context, type Form, OUTPUT_VERSION } from './context.ts'
import { printValue } from './machine.ts'
import { secondsOf } from './seconds.ts'
import { timeOf } from './time-text.ts'

/** What an invitation asks of the master, beside whom it is for. The seed of the key stays here. */
export function newJoinKey(ttl: string) {
  const seed = new Secret(randomBytes(32).toString('base64url'))
  const request = {
    invite_id: randomUUID(),
    join_public_key: publicJoinKey(seed),
    ttl_seconds: secondsOf('--ttl', ttl),
  }
  return { seed, request }
}

type Invited = {
  readonly kind: JoinString['kind']
  readonly name: string
  readonly inviteId: string
  readonly seed: Secret
  /** What both kinds of invitation are answered with. */
  readonly answer: AddOperatorResponse__Output
}

/** The join string alone on the first stream, so that it can be piped to where it is used. */
export async function printInvitation(
  { print }: Pick<Context, 'print'>,
  form: Form,
  { kind, name, inviteId, seed, answer }: Invited,
): Promise<void> {
  const { expires_at, root_pin: rootPin, addresses } = answer
  const joinString = formatJoinString({ kind, inviteId, seed, rootPin, addresses }).reveal()
  const expiresAt = timeOf(expires_at)
  if (form !== 'table') {
    const invitation = { kind, name, joinString, inviteId, expiresAt, rootPin, addresses }
    return printValue(print, form, { version: OUTPUT_VERSION, invitation })
  }
  const there = kind === 'host' ? `as root on ${name}` : 'on their own machine'
  print.err([[`An invitation for ${name}, until ${expiresAt}. It lets in whoever has it, once; ${there}:`]])
  print.err([['  drover join'], ['and paste this line, or pipe it in:']])
  print.out([[joinString]])
}

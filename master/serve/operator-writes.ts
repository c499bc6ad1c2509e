import { createPublicKey } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../lib/failure.ts'
import { MAX_INVITE_SECONDS, SENT_PIECE_BYTES } from '../../lib/limits.ts'
import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import type { RoleOrigin } from '../../proto/gen/drover/v1/RoleOrigin.ts'
import { meant } from '../site/nearest.ts'
import { callerName, OPERATOR_ROLES, type OperatorRole } from './caller.ts'
import type { Handlers } from './handlers.ts'
import { assignedOrigin, joinedHost, knownHost } from './host-rows.ts'
import type { Serving } from './serving.ts'

type Writes = 'Assign' | 'Unassign' | 'Invite' | 'Revoke' | 'AddOperator' | 'RemoveOperator' | 'Backup'

const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
const INVITE_ID = /^[0-9a-zA-Z_-]{8,64}$/

/** What operators change. */
export function operatorWrites(serving: Serving): Pick<Handlers<OperatorHandlers>, Writes> {
  const { store, catalogs, now } = serving
  return {
    async Assign({ host, roles }, call) {
      checkAssignable(serving)
      await knownHost(serving, host)
      for (const role of roles) checkRole(serving, role)
      const declared = catalogs.declared(host)?.roles.map(({ role }) => role) ?? []
      const fresh = roles.filter((role) => !declared.includes(role))
      const added = await store.assignments.assign({
        host,
        roles: fresh,
        by: callerName(call.caller),
        at: now(),
      })
      await recompile(serving, host, added)
      return { roles: await rolesOf(serving, host), unchanged: roles.filter((role) => !added.includes(role)) }
    },

    async Unassign({ host, roles }) {
      checkAssignable(serving)
      await knownHost(serving, host)
      const removed = await store.assignments.unassign({ host, roles })
      await recompile(serving, host, removed)
      const left = await rolesOf(serving, host)
      const unchanged = roles.filter((role) => !removed.includes(role))
      const origins = unchanged.map((role) => left.find((one) => one.role === role) ?? { role, origin: '' })
      return { roles: left, unchanged: origins }
    },

    async Invite({ host, roles, ttl_seconds, join_public_key, invite_id, replace }, call) {
      if (host.length > 253 || !HOST_NAME.test(host)) {
        throw new Failure('invalid', 'a host is named by lower-case letters, digits, hyphens and dots', {
          about: host,
        })
      }
      for (const role of roles) checkRole(serving, role)
      const joined = await store.hosts.named(host)
      if (joined !== undefined && !replace) {
        const hint = `to let it join anew: drover invite ${host} --replace; to end it: drover revoke ${host}`
        throw new Failure('conflict', 'this host has joined already', { about: host, hint })
      }
      const added = { kind: 'host', name: host, roles, replaces: replace ? 1 : 0 } as const
      return invite(serving, {
        ...added,
        ttl_seconds,
        join_public_key,
        invite_id,
        by: callerName(call.caller),
      })
    },

    async Revoke({ host, reason }) {
      const { row } = await joinedHost(serving, host)
      await store.hosts.revoke({ id: row.id, reason: reason.slice(0, 500), at: now() })
      serving.dismiss(`agent/${row.id}`, new Failure('unauthenticated', 'this host was revoked'))
      return {}
    },

    async AddOperator({ name, role, ttl_seconds, join_public_key, invite_id }, call) {
      if (!/^[a-z][a-z0-9._-]{0,62}$/.test(name)) {
        throw new Failure('invalid', 'an operator is named by lower-case letters, digits and . _ -', {
          about: name,
        })
      }
      if (!isRole(role))
        throw new Failure('invalid', `a role is one of ${OPERATOR_ROLES.join(', ')}`, { about: role })
      const by = callerName(call.caller)
      const added = { kind: 'operator', name, roles: [role], replaces: 0, ttl_seconds } as const
      const invited = await invite(serving, { ...added, join_public_key, invite_id, by })
      await store.operators.add({ name, role, by, at: now() })
      // One who is there already has another role from now on.
      serving.dismiss(`operator/${name}`, new Failure('unauthenticated', 'your role has changed; call again'))
      return invited
    },

    async RemoveOperator({ name }) {
      if (!(await store.operators.remove({ name, at: now() }))) {
        throw new Failure('not-found', 'there is no such operator', { about: name })
      }
      serving.dismiss(`operator/${name}`, new Failure('unauthenticated', 'you are no operator any more'))
      return {}
    },

    async *Backup() {
      const copy = join(serving.scratch, `backup-${serving.newId()}`)
      try {
        await store.backup(copy)
        for await (const data of createReadStream(copy, { highWaterMark: SENT_PIECE_BYTES })) yield { data }
      } finally {
        await rm(copy, { force: true })
      }
    },
  }
}

type Invitation = {
  readonly kind: 'host' | 'operator'
  readonly name: string
  readonly roles: readonly string[]
  readonly replaces: number
  readonly ttl_seconds: number
  readonly join_public_key: Buffer
  readonly invite_id: string
  readonly by: string
}

async function invite(serving: Serving, one: Invitation) {
  const { store, enrolling, now } = serving
  const { kind, name, replaces, invite_id: id, join_public_key, by } = one
  if (!INVITE_ID.test(id)) throw new Failure('invalid', "the invitation's id is none")
  if (one.ttl_seconds < 1 || one.ttl_seconds > MAX_INVITE_SECONDS) {
    throw new Failure('invalid', `an invitation lasts from a second to ${MAX_INVITE_SECONDS / 86_400} days`)
  }
  if (!isEd25519(join_public_key)) throw new Failure('invalid', 'the join key is no Ed25519 key')
  const [created_at, expires_at] = [now(), now() + one.ttl_seconds * 1000]
  const row = { id, kind, name, roles: JSON.stringify(one.roles), join_public_key, replaces }
  if (!(await store.invites.add({ ...row, created_at, created_by: by, expires_at }))) {
    const known = await store.invites.get(id)
    // The same call again, since its answer was lost.
    const same = known?.name === name && Buffer.from(known.join_public_key).equals(join_public_key)
    if (!same) throw new Failure('conflict', 'there is another invitation with this id')
  }
  return { expires_at, root_pin: enrolling.authority.rootPin, addresses: [...serving.enrollmentAddresses] }
}

function isEd25519(der: Buffer): boolean {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}

const isRole = (word: string): word is OperatorRole => OPERATOR_ROLES.some((role) => role === word)

function checkAssignable({ catalogs }: Serving): void {
  if (catalogs.site()?.assignments !== 'site-only') return
  const hint = 'write it into hosts.yaml: drover assign --commit'
  throw new Failure('denied', 'this site assigns roles in hosts.yaml alone', { hint })
}

function checkRole({ catalogs }: Serving, role: string): void {
  const roles = catalogs.site()?.roles ?? []
  if (roles.includes(role)) return
  const hint = meant(role, roles)
  throw new Failure('not-found', 'there is no such role', { about: role, ...(hint === null ? {} : { hint }) })
}

async function recompile(
  { store, catalogs }: Serving,
  host: string,
  changed: readonly string[],
): Promise<void> {
  if (changed.length === 0) return
  const roles = (await store.assignments.of(host)).map(({ role }) => role)
  await catalogs.assignmentsChanged(host, roles)
}

async function rolesOf({ store, catalogs }: Serving, host: string): Promise<RoleOrigin[]> {
  return [
    ...(catalogs.declared(host)?.roles ?? []),
    ...(await store.assignments.of(host)).map(assignedOrigin),
  ]
}

import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Server, type ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import { Failure } from '../../lib/failure.ts'
import { type JoinString, publicJoinKey } from '../../lib/join-string.ts'
import { Secret } from '../../lib/secret.ts'
import { type Enrolling, join as joinAs } from '../../master/authority/enroll.ts'
import { identityKey } from '../../master/serve/peer.ts'
import { serverTls } from '../../master/serve/tls.ts'
import { openStore, type Store } from '../../master/store/store.ts'
import { statusOf } from '../../proto/failures.ts'
import type { JoinRequest__Output } from '../../proto/gen/drover/v1/JoinRequest.ts'
import type { JoinResponse } from '../../proto/gen/drover/v1/JoinResponse.ts'
import { enrollmentService } from '../../proto/services.ts'
import { clockAt, NO_LOG, testAuthority } from './authority.ts'

type Tap = { testdir(): string; teardown(done: () => unknown): void }

/** A master's part in letting somebody in: real store, real CA, real listener. */
export async function openEnrolling(t: Tap) {
  const dir = t.testdir()
  const clock = clockAt(Date.now())
  const authority = await testAuthority(join(dir, 'pki'), clock.now)
  const store = await openStore(join(dir, 'master.db'), clock.now)
  const denied: string[] = []
  const enrolling: Enrolling = {
    authority,
    store,
    addresses: ['localhost:7440'],
    denied: (identity) => void denied.push(identityKey(identity)),
    now: clock.now,
    newId: randomUUID,
    log: NO_LOG,
  }
  /** What came in, whatever became of it. */
  const requests: JoinRequest__Output[] = []
  const credentials = serverTls({
    credentials: () => authority.serverCredentials(),
    watch: (changed) => authority.onServerCredentials(changed),
    clientRoots: null,
  })
  const listener = await listen(credentials, async (request) => {
    requests.push(request)
    return joinAs(enrolling, request)
  })
  t.teardown(async () => {
    listener.close()
    authority.close()
    await store.close()
  })
  return { dir, clock, authority, store, denied, enrolling, requests, address: listener.address }
}

export async function listen(
  credentials: ServerCredentials,
  answer: (request: JoinRequest__Output) => Promise<JoinResponse>,
): Promise<{ address: string; close(): void }> {
  const server = new Server()
  server.addService(enrollmentService, {
    Join({ request }: { request: JoinRequest__Output }, callback: sendUnaryData<JoinResponse>) {
      answer(request).then(
        (response) => callback(null, response),
        (error) => callback(error instanceof Failure ? statusOf(error) : error),
      )
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, at) => (error ? reject(error) : resolve(at)))
  })
  return { address: `localhost:${port}`, close: () => server.forceShutdown() }
}

type Wanted = {
  readonly name?: string
  readonly kind?: JoinString['kind']
  readonly replaces?: number
  readonly roles?: readonly string[]
  readonly ttlMs?: number
}

/** An invitation as `drover invite` makes it. */
export async function invite(
  master: {
    readonly store: Store
    readonly clock: { readonly now: () => number }
    readonly authority: { readonly rootPin: string }
    readonly address: string
  },
  { name = 'web1', kind = 'host', replaces = 0, roles = ['base'], ttlMs = 1_800_000 }: Wanted = {},
): Promise<JoinString> {
  const seed = new Secret(randomBytes(32).toString('base64url'))
  const [id, at] = [randomUUID(), master.clock.now()]
  if (kind === 'operator') {
    await master.store.operators.add({ name, role: 'deployer', by: 'anna', at })
  }
  await master.store.invites.add({
    id,
    kind,
    name,
    roles: JSON.stringify(roles),
    join_public_key: publicJoinKey(seed),
    replaces,
    created_at: at,
    created_by: 'anna',
    expires_at: at + ttlMs,
  })
  return { kind, inviteId: id, seed, rootPin: master.authority.rootPin, addresses: [master.address] }
}

import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import {
  type ChannelOptions,
  type Client,
  credentials,
  makeGenericClientConstructor,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { openLog } from '../../lib/log.ts'
import { sha256 } from '../../lib/sha256.ts'
import { type Authority, type Issued, openAuthority } from '../../master/authority/authority.ts'
import { type Master, openMaster } from '../../master/master.ts'
import type { OperatorRole } from '../../master/serve/caller.ts'
import type { MasterSettings } from '../../master/settings.ts'
import { openStateDir } from '../../master/state-dir.ts'
import { openStore, type Store } from '../../master/store/store.ts'
import { agentService, enrollmentService, operatorService } from '../../proto/services.ts'
import { writeSite } from '../master/write-site.ts'
import type { Pair } from './pki.ts'

type Test = {
  testdir(): string
  teardown(done: () => unknown): void
}

const SERVICES = { Agent: agentService, Enrollment: enrollmentService, Operator: operatorService }
const HOUR_MS = 3_600_000

/** Two hosts that have nothing in common, so that what one sees of the other is a fault. */
const SITE = {
  'drover.yaml': 'name: test\n',
  'hosts.yaml': 'hosts:\n  a: { roles: [a] }\n  b: { roles: [b] }\n',
  ...Object.fromEntries(
    ['a', 'b'].flatMap((name) => [
      [
        `roles/${name}/role.yaml`,
        `description: Of ${name}.\nresources:\n  - file: /etc/motd\n    source: motd\n`,
      ],
      [`roles/${name}/files/motd`, `only ${name} may read this\n`.repeat(50)],
    ]),
  ),
}

export type WorldSetting = {
  readonly hosts?: readonly string[]
  readonly operators?: Readonly<Record<string, OperatorRole>>
  readonly site?: Readonly<Record<string, string>>
  readonly now?: () => number
}

/** A master that really runs, and those who joined it before it started. */
export type World = {
  readonly master: Master
  readonly settings: MasterSettings
  readonly roots: string
  /** As they joined: the id, and what each of them shows. */
  readonly hosts: ReadonlyMap<string, { readonly id: string; readonly pair: Pair }>
  readonly operators: ReadonlyMap<string, Pair>
  /** Certificates of the master's own authority that nobody should have. */
  readonly issue: (who: 'agent' | 'operator', name: string, from: number, ttlMs: number) => Promise<Pair>
  readonly serverPair: Pair
  readonly lines: string[]
  /** A client; `null`: without a certificate. */
  connect(service: keyof typeof SERVICES, at: string, pair: Pair | null, options?: ChannelOptions): Peer
  /** The machine's administrator. */
  readonly local: Peer
  close(graceMs: number): Promise<void>
}

export async function openWorld(t: Test, setting: WorldSetting = {}): Promise<World> {
  const { hosts: names = ['a', 'b'], operators: roles = {}, now = Date.now } = setting
  const dir = t.testdir()
  // The kernel has room for 107 bytes of a socket's path.
  const run = mkdtempSync(join(tmpdir(), 'drover-'))
  t.teardown(() => rmSync(run, { recursive: true }))
  const state = join(dir, 'state')
  const site = join(dir, 'site')
  writeSite(site, setting.site ?? SITE)
  openStateDir(state).close()
  const lines: string[] = []
  const log = openLog(
    (line) => void lines.push(line),
    () => new Date().toISOString(),
    'logfmt',
    'debug',
  )
  const authority = await openAuthority(join(state, 'pki'), ['127.0.0.1', 'localhost'], { now, log })
  const store = await openStore(join(state, 'master.db'), now)
  const hosts = new Map<string, { id: string; pair: Pair }>()
  for (const name of names) hosts.set(name, await joinHost(store, authority, name, now()))
  const operators = new Map<string, Pair>()
  for (const [name, role] of Object.entries(roles)) {
    operators.set(name, await joinOperator(store, authority, name, role, now()))
  }
  await store.close()
  const settings: MasterSettings = {
    site: { folder: site },
    state,
    names: ['127.0.0.1', 'localhost'],
    listen: '127.0.0.1:0',
    enrollment: '127.0.0.1:0',
    http: '127.0.0.1:0',
    socket: join(run, 'master.sock'),
    metrics: '127.0.0.1:0',
    hookSecret: null,
  }
  const world = { now, newId: randomUUID, log, version: '0.0.0', shippedRoles: null }
  const master = await openMaster(settings, world)
  await looked(lines)
  const peers: Peer[] = []
  const { key, chain } = authority.serverCredentials()
  const connect: World['connect'] = (service, at, pair, options = {}) => {
    const peer = new Peer(SERVICES[service], at, pair, authority.roots, options)
    peers.push(peer)
    return peer
  }
  let closed = false
  const close = async (graceMs: number) => {
    if (closed) return
    closed = true
    for (const peer of peers) peer.close()
    await master.close(graceMs)
    authority.close()
  }
  t.teardown(() => close(100))
  return {
    master,
    settings,
    roots: authority.roots,
    hosts,
    operators,
    async issue(who, name, from, ttlMs) {
      const { key, publicKey } = newKey()
      const identity =
        who === 'agent' ? ({ kind: 'agent', id: name } as const) : ({ kind: 'operator', name } as const)
      return { key, chain: (await authority.issue(identity, publicKey, from, ttlMs)).chain }
    },
    serverPair: { key, chain },
    lines,
    connect,
    local: connect('Operator', `unix:${settings.socket}`, null),
    close,
  }
}

/** A master serves before it has read its site; what tests ask of it is about hosts of the site. */
async function looked(lines: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(30_000)
  while (!lines.some((line) => /msg="site (?:in use|has errors|could not)/.test(line)))
    await after(20, undefined, { signal })
}

function newKey(): { key: string; publicKey: Buffer; keySha256: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { key, publicKey, keySha256: sha256(publicKey) }
}

async function joinHost(store: Store, authority: Authority, name: string, at: number) {
  const { key, publicKey, keySha256 } = newKey()
  const id = randomUUID()
  const hostId = randomUUID()
  await invite(store, id, 'host', name, [], at)
  const issued = await authority.issue({ kind: 'agent', id: hostId }, publicKey, at, HOUR_MS)
  const certificate = certificateOf(issued)
  await store.invites.redeemHost({ id, hostId, keySha256, ageRecipient: 'age1test', at, certificate })
  return { id: hostId, pair: { key, chain: issued.chain } }
}

async function joinOperator(
  store: Store,
  authority: Authority,
  name: string,
  role: OperatorRole,
  at: number,
) {
  const { key, publicKey, keySha256 } = newKey()
  const id = randomUUID()
  await store.operators.add({ name, role, by: 'test', at })
  await invite(store, id, 'operator', name, [role], at)
  const issued = await authority.issue({ kind: 'operator', name }, publicKey, at, HOUR_MS)
  await store.invites.redeemOperator({ id, keySha256, at, certificate: certificateOf(issued) })
  return { key, chain: issued.chain }
}

const certificateOf = ({ chain, serial, expiresAt }: Issued) => {
  return { certificate_chain: chain, certificate_serial: serial, certificate_expires_at: expiresAt }
}

const invite = (
  store: Store,
  id: string,
  kind: 'host' | 'operator',
  name: string,
  roles: readonly string[],
  at: number,
) =>
  store.invites.add({
    id,
    kind,
    name,
    roles: JSON.stringify(roles),
    join_public_key: Buffer.alloc(44),
    replaces: 0,
    created_at: at,
    created_by: 'test',
    expires_at: at + HOUR_MS,
  })

/** How a call ended: what came, and the status. */
export type Ended = {
  readonly code: number
  readonly details: string
  readonly values: readonly Record<string, unknown>[]
  readonly error: ServiceError | null
}

/** One connection of a peer, whatever it may call. */
export class Peer {
  readonly #client: Client
  #service: ServiceDefinition

  constructor(
    service: ServiceDefinition,
    at: string,
    pair: Pair | null,
    roots: string,
    options: ChannelOptions,
  ) {
    const tls = credentials.createSsl(
      Buffer.from(roots),
      pair && Buffer.from(pair.key),
      pair && Buffer.from(pair.chain),
    )
    this.#service = service
    const secure = at.startsWith('unix:') ? credentials.createInsecure() : tls
    this.#client = new (makeGenericClientConstructor(service, 'test'))(at, secure, {
      'grpc.ssl_target_name_override': 'localhost',
      // Clients of one process would share a connection otherwise.
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    })
  }

  /** The methods that are called from now on are another service's. */
  as(service: keyof typeof SERVICES): Peer {
    this.#service = SERVICES[service]
    return this
  }

  /** Calls a method with all that it sends, and waits for its end. */
  call(method: string, ...requests: object[]): Promise<Ended> {
    const stream = this.open(method)
    for (const request of requests) stream.write(request)
    stream.half()
    return stream.ended
  }

  /** A call that goes on. */
  open(method: string) {
    const definition = this.#service[method]
    if (definition === undefined) throw new Error(`there is no method ${method}`)
    const { path, requestSerialize, responseDeserialize } = definition
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
      deadline: Date.now() + 30_000,
    })
    const values: Record<string, unknown>[] = []
    let heard: () => void = () => undefined
    let failed: ServiceError | null = null
    call.on('data', (value: Record<string, unknown>) => {
      values.push(value)
      heard()
    })
    call.on('error', (error: ServiceError) => {
      failed = error
    })
    const ended = new Promise<Ended>((done) => {
      call.on('status', ({ code, details }) => {
        // The error comes after its status.
        setImmediate(() => done({ code, details, values, error: failed }))
        heard()
      })
    })
    return {
      values,
      ended,
      write: (request: object) => void call.write(request),
      half: () => call.end(),
      cancel: () => call.cancel(),
      /** Fulfilled when a value has come that fits, or all have. */
      async until(fits: (value: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
        let over = false
        void ended.then(() => {
          over = true
          heard()
        })
        for (;;) {
          const found = values.find(fits)
          if (found !== undefined) return found
          if (over) throw new Error(`the call has ended: ${JSON.stringify(await ended)}`)
          await new Promise<void>((wake) => {
            heard = wake
          })
        }
      },
    }
  }

  close(): void {
    this.#client.close()
  }
}

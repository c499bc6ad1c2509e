import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ServerCredentials } from '@grpc/grpc-js'
import { Failure } from '../lib/failure.ts'
import { MAX_SOCKET_PATH_BYTES } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { openAuthority } from './authority/authority.ts'
import type { Follower } from './follow/follower.ts'
import { catalogsOf, fleetOf, follow, hookOf } from './parts.ts'
import { openMasterKey } from './secrets/master-key.ts'
import { openSealer } from './secrets/sealer.ts'
import { agentService } from './serve/agent-service.ts'
import { openAudit } from './serve/audit.ts'
import { Buckets } from './serve/buckets.ts'
import { type Door, openDoor } from './serve/door.ts'
import { enrollmentService } from './serve/enrollment-service.ts'
import type { Fleet } from './serve/fleet.ts'
import { openHttp } from './serve/http.ts'
import { metricsText, openCounters } from './serve/metrics.ts'
import { operatorService } from './serve/operator-service.ts'
import { identityKey } from './serve/peer.ts'
import { openRehearsals } from './serve/rehearsals.ts'
import type { Serving } from './serve/serving.ts'
import { Sessions } from './serve/sessions.ts'
import { Standings } from './serve/standings.ts'
import { serverTls } from './serve/tls.ts'
import type { MasterSettings } from './settings.ts'
import { openStateDir } from './state-dir.ts'
import { RecentBodies } from './store/recent-bodies.ts'
import { KEEP } from './store/retention.ts'
import { openStore, STORE_FILE } from './store/store.ts'

export type Master = {
  /** Where it really listens, `address:port`. */
  readonly main: string
  readonly enrollment: string
  readonly http: string
  /** `null`: the settings name no place. */
  readonly metrics: string | null
  readonly socket: string
  /** Fulfilled when it can't go on, since nothing can be stored any more. */
  readonly ended: Promise<void>
  /** Takes nothing new, lets what has begun end within `graceMs`, and gives the state back. */
  close(graceMs: number): Promise<void>
}

/** What of the world a master does not make itself. */
export type World = {
  readonly now: () => number
  readonly newId: () => string
  readonly log: Log
  readonly version: string
  /** The folder of the roles that ship with drover. */
  readonly shippedRoles: string | null
}

/** Closes in the order opposite to that in which things were opened. */
type Closing = ((graceMs: number) => unknown)[]

/** A running master. What was opened is closed again when something can't be. */
export async function openMaster(settings: MasterSettings, world: World): Promise<Master> {
  const closing: Closing = []
  const close = async (graceMs: number) => {
    for (const one of closing.splice(0).reverse()) await one(graceMs)
  }
  try {
    const master = await open(settings, world, closing)
    return { ...master, close }
  } catch (error) {
    await close(0)
    throw error
  }
}

async function open(
  settings: MasterSettings,
  world: World,
  closing: Closing,
): Promise<Omit<Master, 'close'>> {
  const { now, log } = world
  const state = openStateDir(settings.state)
  closing.push(() => state.close())
  const store = await openStore(join(settings.state, STORE_FILE), now, { ...KEEP, ...settings.keep })
  closing.push(() => store.close())
  const authority = await openAuthority(join(settings.state, 'pki'), settings.names, world)
  closing.push(() => authority.close())

  const masterKey = await openMasterKey(settings.state)
  const bodies = new RecentBodies(store)
  const sealer = openSealer(masterKey.identity, (sha256) => bodies.get(sha256))

  const counters = openCounters()
  // Each knows the others by what it is handed, and none is called before all are there.
  let fleet: Fleet
  const catalogs = await catalogsOf(world, store, (host) => fleet.catalogChanged(host), counters.compiled)
  closing.push(() => catalogs.close())
  fleet = fleetOf(store, catalogs, now)

  const sessions = new Sessions(now, log)
  const standings = new Standings(store, now)
  const doors: Door[] = []
  const dismiss = (key: string, why: Failure) => {
    standings.forget(key)
    for (const { guard } of doors) guard.cut(key, why)
    sessions.cut(key)
  }
  let follower: Follower | null = null
  let [main, enrollment] = ['', '']
  const serving: Serving = {
    store,
    bodies,
    catalogs,
    fleet,
    rehearsals: openRehearsals(),
    counters,
    enrolling: {
      authority,
      store,
      get addresses() {
        return reached(settings.names, main)
      },
      denied: (identity, reason) => dismiss(identityKey(identity), new Failure('unauthenticated', reason)),
      now,
      newId: world.newId,
      log,
    },
    recipient: masterKey.recipient,
    async secretsOf(host) {
      const sha256 = catalogs.current(host)?.sha256
      const recipientOf = async () => (await store.hosts.named(host))?.age_recipient ?? null
      return sha256 ? sealer.forHost(recipientOf, sha256) : []
    },
    siteProblem: () => follower?.problem() ?? null,
    get enrollmentAddresses() {
      return reached(settings.names, enrollment)
    },
    dismiss,
    scratch: state.scratch,
    version: world.version,
    now,
    newId: world.newId,
    log,
  }
  const handlers = {
    Agent: agentService(serving),
    Enrollment: enrollmentService(serving),
    Operator: operatorService(serving),
  }
  const watch = (changed: () => void) => authority.onServerCredentials(changed)
  const credentials = () => authority.serverCredentials()
  const common = {
    handlers,
    sessions,
    standings,
    identify: (certificate: Buffer, at: number) => authority.identityOf(certificate, at),
    buckets: new Buckets(now),
    audit: openAudit(store, now),
    now,
    newId: () => world.newId().slice(-8),
    log,
  }
  const door = async (one: Pick<Parameters<typeof openDoor>[0], 'listener' | 'at' | 'credentials'>) => {
    const opened = await openDoor({ ...common, ...one })
    doors.push(opened)
    return opened.address
  }
  closing.push((graceMs) => Promise.all(doors.map((one) => one.close(graceMs))))
  const mutual = serverTls({ credentials, watch, clientRoots: authority.roots })
  main = await door({ listener: 'main', at: settings.listen, credentials: mutual })
  const open = serverTls({ credentials, watch, clientRoots: null })
  enrollment = await door({ listener: 'enrollment', at: settings.enrollment, credentials: open })
  await openSocket(settings.socket, (at) =>
    door({ listener: 'local', at, credentials: ServerCredentials.createInsecure() }),
  )

  follower = await follow(settings, catalogs, log)
  closing.push(() => follower?.close())
  const http = await openHttp('http', { at: settings.http, hook: hookOf(settings, follower), metrics: null })
  closing.push(() => http.close())
  const metrics = await metricsOf(settings, () => metricsText(serving))
  closing.push(() => metrics?.close())
  return {
    ...{ main, enrollment, http: http.address, metrics: metrics?.address ?? null },
    ...{ socket: settings.socket, ended: store.ended },
  }
}

/** Where whoever comes may read them, which is nowhere unless it is said. */
const metricsOf = async ({ metrics: at }: MasterSettings, metrics: () => Promise<string>) =>
  at === null ? null : openHttp('metrics', { at, hook: null, metrics })

/** Who may open the socket is an administrator. */
async function openSocket(path: string, listen: (at: string) => Promise<string>): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    const why = `the path of a socket has at most ${MAX_SOCKET_PATH_BYTES} bytes`
    throw new Failure('invalid', why, { about: path, hint: 'set "socket" in master.yaml' })
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Of a master that was killed: the state's lock is ours, so nobody listens there.
  rmSync(path, { force: true })
  await listen(`unix:${path}`)
  chmodSync(path, 0o600)
}

/** The ways to a listener: each of the master's names, with its port. */
function reached(names: readonly string[], listen: string): string[] {
  const port = listen.slice(listen.lastIndexOf(':') + 1)
  return names.map((name) => (name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`))
}

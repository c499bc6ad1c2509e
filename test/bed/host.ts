import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Hurt, hurt } from './hurt.ts'
import { connect } from './network.ts'
import { cgroupsOf, IN_CGROUP } from './places.ts'
import { isAlive } from './process.ts'
import { type HostRecord, readRecord, rootOf, writeRecord } from './record.ts'
import { leave, remove } from './remove.ts'
import { failed, type Result, type RunOptions, run } from './run.ts'
import { type Snapshot, type SnapshotOptions, snapshot } from './snapshot.ts'
import { booted, confined, leaderOf, start } from './start.ts'
import { waitFor } from './wait.ts'

const POWER_OFF_TIMEOUT_MS = 20_000

/** A Debian host with a systemd of its own. */
export interface Host {
  readonly id: string
  readonly name: string
  readonly address: string
  /** Its file system as the machine sees it, without what the host mounts: /run and /tmp are elsewhere. */
  readonly root: string
  readonly hurt: Hurt
  /** How a command ended; throws only when it takes more than its 60 seconds, or the host is down. */
  exec(argv: readonly string[], options?: RunOptions): Promise<Result>
  /** What a command printed; throws when it exits with anything but 0. */
  must(argv: readonly string[], options?: RunOptions): Promise<string>
  read(path: string): Promise<string>
  /** Makes the directories that are missing; what is there keeps its mode and owner unless a mode is given. */
  write(path: string, text: string, options?: { mode?: string }): Promise<void>
  snapshot(options?: SnapshotOptions): Promise<Snapshot>
  /** Whether its network cable is in. */
  connect(isConnected: boolean): Promise<void>
  /** Powers it off and on again, or with `hard` pulls the plug first. Its memory is lost, its disk is not. */
  reboot(options?: { hard?: boolean }): Promise<void>
  /** Takes it away for good. */
  down(): Promise<void>
}

// tap puts hooks of its own into every process that a test starts; a host knows nothing of them.
const OWN_ENVIRONMENT = ['env', '--unset=NODE_OPTIONS', '--']

export function hostOf(record: HostRecord): Host {
  const { id, name, address } = record
  const exec: Host['exec'] = (argv, options) => run([...entry(id), ...OWN_ENVIRONMENT, ...argv], options)
  const must: Host['must'] = async (argv, options) => {
    const result = await exec(argv, options)
    if (result.code !== 0) throw new Error(`host ${name}: ${failed(argv, result)}`)
    return result.stdout
  }
  const host: Host = {
    ...{ id, name, address, exec, must },
    root: rootOf(id),
    get hurt() {
      return hurt(host)
    },
    read: (path) => must(['cat', '--', path]),
    write: async (path, text, { mode } = {}) => {
      await must(['mkdir', '-p', '--', dirname(path)])
      await must(['tee', '--', path], { stdin: text })
      if (mode !== undefined) await must(['chmod', '--', mode, path])
    },
    snapshot: (options) => snapshot(host, record, options),
    connect: (isConnected) => connect(record.index, isConnected),
    reboot: (options) => reboot(id, options?.hard ?? false),
    down: async () => {
      await remove(id)
      await leave()
    },
  }
  return host
}

/** What to put before a command that is to run in a host. */
export function entry(id: string): string[] {
  const supervisor = readRecord(id)?.supervisor ?? null
  const leader = supervisor === null ? null : leaderOf(supervisor)
  if (leader === null) throw new Error(`host ${id} is not up`)
  // In the cgroup of the host's PID 1, so that the host knows where its processes are.
  const [cgroup = ''] = cgroupsOf(id)
  const scope = join(cgroup, 'payload/init.scope')
  const move = existsSync(scope) ? [IN_CGROUP, scope, '--'] : []
  return [...move, ...confined(leader), 'nsenter', '-t', String(leader), '-a', '--']
}

async function reboot(id: string, hard: boolean): Promise<void> {
  const record = readRecord(id)
  const leader = record?.supervisor ? leaderOf(record.supervisor) : null
  if (!record?.supervisor || leader === null) throw new Error(`host ${id} is not up`)
  const { supervisor } = record
  // TERM makes nspawn power the host off; without its PID 1 nothing of a host lives on.
  if (hard) process.kill(leader, 'SIGKILL')
  else process.kill(supervisor.pid, 'SIGTERM')
  const off = await waitFor(() => (isAlive(supervisor) ? null : true), {
    timeoutMs: POWER_OFF_TIMEOUT_MS,
  })
  if (off === null) throw new Error(`host ${id} was not off after ${POWER_OFF_TIMEOUT_MS} ms`)
  const next = { ...record, supervisor: start(record) }
  writeRecord(next)
  await booted(id, next.supervisor)
}

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namespaceOf } from './network.ts'
import { CHECKOUT, cgroupsOf, ENVIRONMENT, IN_CGROUP } from './places.ts'
import { childrenOf, isAlive, type ProcessId, processId } from './process.ts'
import { type Bind, directoryOf, type HostRecord, rootOf } from './record.ts'
import { must, run } from './run.ts'
import { waitFor } from './wait.ts'

const BOOT_TIMEOUT_MS = 30_000
/** What a machine has and nspawn holds back by default. */
const GRANTED = ['CAP_NET_ADMIN', 'CAP_IPC_LOCK', 'CAP_SYS_RESOURCE']
const LXC_GRANTED = ['CAP_NET_ADMIN']
const LXC_DROPPED = [
  'CAP_MKNOD',
  'CAP_SYS_NICE',
  'CAP_SYS_TTY_CONFIG',
  'CAP_AUDIT_CONTROL',
  'CAP_AUDIT_WRITE',
]

/** A root for a host: its own layer over the base, with an identity of its own. */
export async function mountRoot(record: HostRecord): Promise<void> {
  const directory = directoryOf(record.id)
  const layers = `lowerdir=${record.base},upperdir=${directory}/upper,workdir=${directory}/work`
  // volatile: nobody needs a host after the machine lost power, and dpkg syncs a lot.
  // redirect_dir: without it a directory of the base can't be renamed, as it can on a real disk.
  const options = `volatile,redirect_dir=on,index=off,${layers}`
  await must(['mount', '-t', 'overlay', '-o', options, 'overlay', rootOf(record.id)])
  const etc = join(rootOf(record.id), 'etc')
  writeFileSync(join(etc, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`)
  writeFileSync(join(etc, 'hostname'), `${record.name}\n`)
}

/** Starts a host's systemd; `booted` says when it is up. */
export function start(record: HostRecord): ProcessId {
  const cgroups = cgroupsOf(record.id)
  for (const cgroup of cgroups) mkdirSync(cgroup, { recursive: true })
  // When its owner dies nspawn is told so, and powers the host off. A SIGKILL would leave systemd behind.
  const bound = record.owner === null ? [] : ['setpriv', '--pdeathsig', 'TERM']
  const [command = '', ...args] = [...bound, IN_CGROUP, ...cgroups, '--', ...nspawn(record)]
  const console = openSync(consoleOf(record.id), 'a')
  const env = {
    ...ENVIRONMENT,
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
    SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
  }
  const child = spawn(command, args, { detached: true, cwd: '/', env, stdio: ['ignore', console, console] })
  closeSync(console)
  child.on('error', () => undefined)
  child.unref()
  const id = child.pid === undefined ? null : processId(child.pid)
  if (id === null) throw new Error(`systemd-nspawn of ${record.id} could not be started`)
  return id
}

function nspawn(record: HostRecord): string[] {
  const lxc = record.capabilities === 'lxc'
  return [
    'systemd-nspawn',
    ...['--quiet', '--boot', '--register=no', '--keep-unit', '--console=pipe', resolver(record)],
    ...['--link-journal=no', '--timezone=off', `--directory=${rootOf(record.id)}`],
    ...[`--machine=${namespaceOf(record.index)}`, `--hostname=${record.name}`],
    `--network-namespace-path=/run/netns/${namespaceOf(record.index)}`,
    `--capability=${(lxc ? LXC_GRANTED : GRANTED).join(',')}`,
    ...(lxc ? [`--drop-capability=${LXC_DROPPED.join(',')}`, '--setenv=container=lxc'] : []),
    ...[...usualBinds(record), ...record.binds].map(bindOption),
  ]
}

/** A host's own only at birth: what it makes of its resolv.conf stays, as on a real disk. */
function resolver(record: HostRecord): string {
  if (record.supervisor !== null) return '--resolv-conf=off'
  // A resolver on the machine's loopback can't be reached from a host.
  const isLocal = /^nameserver\s+127\./m.test(readFileSync('/etc/resolv.conf', 'utf8'))
  return `--resolv-conf=copy-${isLocal ? 'uplink' : 'host'}`
}

function usualBinds(record: HostRecord): Bind[] {
  const binds = [
    { from: process.execPath, to: '/usr/local/bin/node' },
    { from: CHECKOUT, to: '/opt/drover' },
  ]
  const tun = '/dev/net/tun'
  if (record.capabilities === 'lxc') {
    // systemd-detect-virt believes this file before anything else.
    const manager = join(directoryOf(record.id), 'container-manager')
    writeFileSync(manager, 'lxc')
    return [...binds, { from: manager, to: '/run/host/container-manager' }]
  }
  return existsSync(tun) ? [...binds, { from: tun, to: tun, readOnly: false }] : binds
}

function bindOption({ from, to, readOnly = true }: Bind): string {
  const escaped = [from, to].map((path) => path.replaceAll('\\', '\\\\').replaceAll(':', '\\:'))
  return `--bind${readOnly ? '-ro' : ''}=${escaped.join(':')}`
}

/** The host's systemd, as the machine numbers it, or null while there is none. */
export function leaderOf(supervisor: ProcessId): number | null {
  if (!isAlive(supervisor)) return null
  return childrenOf(supervisor.pid)[0] ?? null
}

/** What to put before nsenter, so that a command in a host can do no more than the host itself. */
export function confined(leader: number): string[] {
  const status = readFileSync(`/proc/${leader}/status`, 'utf8')
  const held = BigInt(`0x${status.match(/^CapBnd:\s*(\S+)/m)?.[1] ?? '0'}`)
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'))
  const dropped = Array.from({ length: last + 1 }, (_, bit) => bit).filter(
    (bit) => (held & (1n << BigInt(bit))) === 0n,
  )
  return ['setpriv', `--bounding-set=${dropped.map((bit) => `-cap_${bit}`).join(',')}`]
}

/** Waits until the host's systemd has started all it was to start; throws with the console's last lines. */
export async function booted(id: string, supervisor: ProcessId): Promise<void> {
  const done = await waitFor(
    async () => {
      if (!isAlive(supervisor)) return 'dead'
      const state = await stateOf(supervisor)
      return state === 'running' || state === 'degraded' ? state : null
    },
    { timeoutMs: BOOT_TIMEOUT_MS },
  )
  if (done === 'running' || done === 'degraded') return
  const why = done === 'dead' ? 'ended before it was up' : `was not up after ${BOOT_TIMEOUT_MS} ms`
  throw new Error(`host ${id} ${why}; the last lines of its console:\n${consoleTail(id)}`)
}

/** What `systemctl is-system-running` says, or null while it can't be asked. */
export async function stateOf(supervisor: ProcessId): Promise<string | null> {
  const leader = leaderOf(supervisor)
  if (leader === null) return null
  const { stdout } = await run(['nsenter', '-t', String(leader), '-a', 'systemctl', 'is-system-running'])
  return stdout.trim() || null
}

const consoleOf = (id: string): string => join(directoryOf(id), 'console')

function consoleTail(id: string): string {
  return readFileSync(consoleOf(id), 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}

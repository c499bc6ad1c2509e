import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { ENVIRONMENT, STATE_DIR, unifiedCgroupRoot } from './places.ts'

/** The programs a bed needs and the packages they are in. */
const TOOLS: Record<string, string> = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  nft: 'nftables',
  ip: 'iproute2',
  sysctl: 'procps',
  flock: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  strace: 'strace',
}

/** Programs that other tests than those on hosts run. Without them hosts can be booted all the same. */
const SHELLS: Record<string, string> = { zsh: 'zsh', fish: 'fish' }

const OVERLAYFS = 0x79_4c_76_30
const CAP_NET_ADMIN = 1n << 12n
const CAP_SYS_ADMIN = 1n << 21n

/**
 * Why no host can run on this machine, or null when they can.
 *
 * Throws the reason where `CI` is set: there the host tests must not be skipped.
 */
export function bedReason(): string | null {
  const reason = findReason() ?? missingReason()
  if (reason !== null && process.env.CI)
    throw new Error(`the host tests can't run here, and CI needs them: ${reason}`)
  return reason
}

/** Throws when no host can run. */
export function requireBed(): void {
  const reason = findReason() ?? missingReason()
  if (reason !== null) throw new Error(`the bed can't run here: ${reason}`)
}

/** Why this machine can't be made to run hosts, or null. */
export function findReason(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  if (!existsSync('/etc/debian_version'))
    return 'it needs Debian, for debootstrap and for its package sources'
  if (!hasCapabilities())
    return 'it needs the right to mount and to make network namespaces, which this container lacks'
  if (unifiedCgroupRoot() === null) return 'it needs the unified cgroup tree (cgroup2) mounted'
  if (!hasOverlayfs()) return 'it needs a kernel with overlayfs'
  if (onOverlayfs()) return `${STATE_DIR} is on an overlayfs, which can't hold another: mount a disk there`
  return null
}

/** The packages that `bed setup` would install. */
export function missingPackages(): string[] {
  const all = { ...TOOLS, ...SHELLS }
  return [...new Set(missing(all).map((tool) => all[tool] ?? tool))]
}

/** Why a test can't run this shell, or null when it can. Throws it where `CI` is set and the set-up installs shells. */
export function shellReason(shell: 'zsh' | 'fish'): string | null {
  if (missing({ [shell]: shell }).length === 0) return null
  const reason = `${shell} not found; "npm run bed -- setup" installs it as root on Debian`
  if (process.env.CI && findReason() === null) throw new Error(reason)
  return reason
}

function missing(tools: Readonly<Record<string, string>>): string[] {
  const places = ENVIRONMENT.PATH.split(':')
  return Object.keys(tools).filter((tool) => !places.some((place) => existsSync(join(place, tool))))
}

function missingReason(): string | null {
  const tools = missing(TOOLS)
  return tools.length === 0 ? null : `${tools.join(', ')} not found; run "npm run bed -- setup" first`
}

function hasCapabilities(): boolean {
  const mask = readFileSync('/proc/self/status', 'utf8').match(/^CapEff:\s*(\S+)/m)?.[1] ?? '0'
  const needed = CAP_NET_ADMIN | CAP_SYS_ADMIN
  return (BigInt(`0x${mask}`) & needed) === needed
}

function hasOverlayfs(): boolean {
  const known = () => /\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))
  if (known()) return true
  try {
    execFileSync('modprobe', ['overlay'], { stdio: 'ignore', env: ENVIRONMENT, timeout: 10_000 })
  } catch {
    // The second look says it.
  }
  return known()
}

function onOverlayfs(): boolean {
  const place = existsSync(STATE_DIR) ? STATE_DIR : '/var/lib'
  return statfsSync(place).type === OVERLAYFS
}

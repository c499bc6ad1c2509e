import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where base trees are kept; safe to delete when no host is up. */
export const CACHE_DIR = '/var/cache/drover-bed'

/** Where hosts live while they are up. */
export const STATE_DIR = '/var/lib/drover-bed'
export const HOSTS_DIR = join(STATE_DIR, 'hosts')

/** The checkout that hosts see at /opt/drover: this file runs from `dist/test/bed`. */
export const CHECKOUT = resolve(import.meta.dirname, '../../..')
export const IN_CGROUP = join(CHECKOUT, 'test/bed/in-cgroup.sh')

/** The bridge, the nft table and the cgroup all go by this name. */
export const BED = 'drover-bed'
export const SUBNET = '10.213.0.0/16'
export const GATEWAY = '10.213.0.1'
/** Address 1 is the gateway and the last is the broadcast address. */
export const MAX_INDEX = 65_534

/** What commands see as environment, on the machine and in hosts, before anything is added to it. */
export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  LANG: 'C.UTF-8',
}

export const addressOf = (index: number): string => `10.213.${index >> 8}.${index & 255}`

const CGROUP_ROOT = '/sys/fs/cgroup'

/** The root of the unified cgroup tree, wherever the machine has it, or null where there is none. */
export function unifiedCgroupRoot(): string | null {
  const places = [CGROUP_ROOT, join(CGROUP_ROOT, 'unified')]
  return places.find((place) => existsSync(join(place, 'cgroup.procs'))) ?? null
}

/**
 * The cgroups a host is started in, the unified one first.
 *
 * Without one of its own, every host of a machine shares `/payload`, and one host's systemd
 * kills the other's services. On a machine with both trees nspawn uses `name=systemd` as well.
 */
export function cgroupsOf(id: string): string[] {
  const roots = [unifiedCgroupRoot(), join(CGROUP_ROOT, 'systemd')]
  return roots
    .filter((root) => root !== null && existsSync(join(root, 'cgroup.procs')))
    .map((root) => join(root ?? '', BED, id))
}

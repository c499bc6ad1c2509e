import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from './files.ts'
import type { Host } from './host.ts'
import type { HostRecord } from './record.ts'

/** All of a host that a configuration manager could change, as text by name. */
export interface Snapshot {
  /** By path: kind, mode, owner, and size, mtime and content of files. */
  files: Record<string, string>
  /** By package: its state in dpkg and its version. */
  packages: Record<string, string>
  /** By unit that is not inactive: its states, and the invocation, which a restart changes. */
  units: Record<string, string>
  /** By unit file: enabled, disabled, masked… */
  unitFiles: Record<string, string>
  sysctls: Record<string, string>
  /** Addresses, routes, policy rules and the nftables ruleset. */
  network: Record<string, string>
}

export interface SnapshotOptions {
  /** Paths left out with all below them, beside those that are always left out. */
  except?: readonly string[]
}

/** Counters, and what the kernel changes by itself. */
const COUNTERS =
  /^(fs\.(dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota\.)|kernel\.(random\.|ns_last_pid|pty\.nr)|net\.netfilter\.nf_conntrack_count|net\.ipv[46]\.route\.flush)/

/**
 * What a host is at this moment.
 *
 * Two of an idle host are equal. Files are read from outside and only the host's own layer is
 * hashed, so one takes a fraction of a second and leaves no trace in the host.
 */
export async function snapshot(
  host: Host,
  record: HostRecord,
  options: SnapshotOptions = {},
): Promise<Snapshot> {
  const ask = (...argv: string[]) => host.must(argv)
  const [units, unitFiles, sysctls, ...network] = await Promise.all([
    ask('systemctl', 'show', '*', '--property=Id,LoadState,ActiveState,SubState,InvocationID'),
    ask('systemctl', 'list-unit-files', '--no-legend', '--no-pager', '--plain', '--full'),
    // Some can only be written, and sysctl says so.
    host.exec(['sysctl', '-a']).then(({ stdout }) => stdout),
    ask('ip', '-oneline', 'address'),
    ask('ip', 'route', 'show', 'table', 'all'),
    ask('ip', 'rule'),
    ask('ip', '-6', 'rule'),
    ask('nft', '--stateless', 'list', 'ruleset'),
  ])
  return {
    files: filesOf(record, options.except ?? []),
    packages: packages(host.root),
    units: activeUnits(units),
    unitFiles: byFirstWord(lines(unitFiles)),
    sysctls: byFirstWord(lines(sysctls).filter((line) => !COUNTERS.test(line))),
    network: Object.fromEntries(NETWORK.map((part, at) => [part, network[at]?.trim() ?? ''])),
  }
}

const NETWORK = ['addresses', 'routes', 'rules', 'rules of IPv6', 'nftables']

/** The differences between two snapshots, one line each; none when nothing changed. */
export function diffSnapshots(before: Snapshot, after: Snapshot): string[] {
  const parts = Object.keys(before) as (keyof Snapshot)[]
  return parts.flatMap((part) => {
    const [was, is] = [before[part], after[part]]
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
    const changed = names.filter((name) => was[name] !== is[name])
    return changed.map((name) => `${part} ${name}: ${was[name] ?? 'none'} → ${is[name] ?? 'none'}`)
  })
}

function packages(root: string): Record<string, string> {
  const status = readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8')
  const found: Record<string, string> = {}
  for (const stanza of status.split('\n\n')) {
    const field = (name: string) => stanza.match(new RegExp(`^${name}: (.*)`, 'm'))?.[1]
    const name = field('Package')
    if (name !== undefined)
      found[`${name}:${field('Architecture')}`] = `${field('Status')} ${field('Version') ?? ''}`
  }
  return found
}

function activeUnits(shown: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const block of shown.split('\n\n')) {
    const unit = Object.fromEntries(lines(block).map((line) => line.split('=', 2)))
    // systemd forgets inactive units as it likes, and loads them again to answer a question.
    if (unit.Id === undefined || unit.ActiveState === 'inactive') continue
    // systemd makes these for itself and may learn of them some time after boot.
    if (unit.Id.startsWith('run-credentials-')) continue
    found[unit.Id] = `${unit.LoadState} ${unit.ActiveState} ${unit.SubState} ${unit.InvocationID}`
  }
  return found
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean)

function byFirstWord(list: string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((line) => [line.split(/\s/, 1)[0], line.replace(/^\S+\s+(= )?/, '').trim()]),
  )
}

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import os from 'node:os'
import type { Facts, InterfaceFacts } from '../lib/facts.ts'

export type { Facts } from '../lib/facts.ts'

// Facts are data from a host that may lie: each is bounded.
const MAX_FACT_CHARACTERS = 256
const MAX_FACT_FILE_BYTES = 256 * 1024
const MAX_INTERFACES = 64
const MAX_ADDRESSES = 256

/** Gathers all facts. `root` lets a test show another host. */
export function readFacts(root = ''): Facts {
  const release = keyed(text(`${root}/etc/os-release`) || text(`${root}/usr/lib/os-release`))
  const id = release.get('ID') ?? 'unknown'
  const version = release.get('VERSION_ID') ?? ''
  const kernel = fact(text(`${root}/proc/sys/kernel/osrelease`)) || os.release()
  const hostname = fact(text(`${root}/proc/sys/kernel/hostname`)) || os.hostname()
  const interfaces = interfacesOf()
  const all = Object.values(interfaces)
  return {
    hostname,
    fqdn: fqdnOf(hostname, text(`${root}/etc/hosts`)),
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: {
      id,
      family: words(release.get('ID_LIKE') ?? id)[0] ?? id,
      name: release.get('PRETTY_NAME') ?? id,
      codename: release.get('VERSION_CODENAME') ?? '',
      version,
      release: id === 'debian' ? fact(text(`${root}/etc/debian_version`)) || version : version,
    },
    kernel: { release: kernel, version: /^\d+(\.\d+)?/.exec(kernel)?.[0] ?? kernel },
    init: existsSync(`${root}/run/systemd/system`) ? 'systemd' : 'other',
    cpu: cpuOf(text(`${root}/proc/cpuinfo`)),
    memory: memoryOf(text(`${root}/proc/meminfo`)),
    virtualisation: virtualisationOf(root),
    network: {
      interfaces,
      ipv4: all.flatMap(({ ipv4 }) => ipv4.map(bare)).filter((one) => !/^(127|169\.254)\./.test(one)),
      ipv6: all.flatMap(({ ipv6 }) => ipv6.map(bare)).filter((one) => !/^(::1$|fe80:)/.test(one)),
      default_route: defaultRoute(text(`${root}/proc/net/route`)),
    },
    timezone: timezoneOf(root),
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'armhf',
  ia32: 'i386',
  ppc64: 'ppc64el',
  riscv64: 'riscv64',
  s390x: 's390x',
}

/** The text of a small file, empty when it can't be read: a fact that is missing must not stop a run. */
function text(path: string): string {
  try {
    return readFileSync(path).subarray(0, MAX_FACT_FILE_BYTES).toString('utf8')
  } catch {
    return ''
  }
}

/** One line of readable text. */
const fact = (raw: string) =>
  raw
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_FACT_CHARACTERS)
const words = (line: string) => line.split(/\s+/).filter((word) => word !== '')
const bare = (address: string) => address.split('/')[0] ?? address

/** `KEY="value"` a line, as in /etc/os-release. */
function keyed(lines: string): ReadonlyMap<string, string> {
  const pairs = lines.split('\n').flatMap((line): [string, string][] => {
    const [, key = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? []
    return key === '' ? [] : [[key, fact(value.replace(/^(["'])(.*)\1$/, '$2'))]]
  })
  return new Map(pairs)
}

/** The first name with a domain that /etc/hosts has for this host: what `hostname -f` answers, with no resolver. */
function fqdnOf(hostname: string, hosts: string): string {
  if (hostname.includes('.')) return hostname
  for (const line of hosts.split('\n')) {
    const [, ...names] = words(line.replace(/#.*/, ''))
    const full = names.includes(hostname) ? names.find((name) => name.startsWith(`${hostname}.`)) : undefined
    if (full !== undefined) return fact(full)
  }
  return hostname
}

function cpuOf(cpuinfo: string): Facts['cpu'] {
  const count = cpuinfo.match(/^processor\s*:/gm)?.length ?? os.availableParallelism()
  return { count, model: fact(/^(?:model name|Model)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? '') }
}

function memoryOf(meminfo: string): Facts['memory'] {
  const mb = (key: string) =>
    Math.floor(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0) / 1024)
  return { total_mb: mb('MemTotal'), swap_mb: mb('SwapTotal') }
}

function virtualisationOf(root: string): Facts['virtualisation'] {
  const container = containerOf(root)
  return container === null
    ? { kind: machineOf(root), container: false }
    : { kind: container, container: true }
}

function containerOf(root: string): string | null {
  // systemd writes it where it is the first process; others set it for the first process or leave a file.
  const told =
    fact(text(`${root}/run/systemd/container`)) ||
    fact(/(?:^|\0)container=([^\0]*)/.exec(text(`${root}/proc/1/environ`))?.[1] ?? '')
  if (told !== '') return told
  if (existsSync(`${root}/.dockerenv`)) return 'docker'
  return existsSync(`${root}/run/.containerenv`) ? 'podman' : null
}

const MACHINES: readonly (readonly [RegExp, string])[] = [
  [/kvm/i, 'kvm'],
  [/qemu|bochs|standard pc/i, 'qemu'],
  [/vmware/i, 'vmware'],
  [/virtualbox|innotek/i, 'virtualbox'],
  [/microsoft corporation.*virtual/i, 'hyperv'],
  [/xen|hvm domu/i, 'xen'],
  [/amazon ec2|google|openstack|digitalocean|hetzner/i, 'kvm'],
]

function machineOf(root: string): string {
  const dmi = ['sys_vendor', 'product_name', 'bios_vendor'].map((name) =>
    text(`${root}/sys/class/dmi/id/${name}`).trim(),
  )
  const virtual = /^flags\s*:.*\bhypervisor\b/m.test(text(`${root}/proc/cpuinfo`))
  const named = MACHINES.find(([pattern]) => pattern.test(dmi.join(' ')))?.[1]
  if (named === 'qemu' && virtual && existsSync(`${root}/sys/class/misc/kvm`)) return 'kvm'
  if (named !== undefined) return named
  if (text(`${root}/sys/hypervisor/type`).trim() === 'xen') return 'xen'
  return virtual ? 'vm' : 'none'
}

function interfacesOf(): Record<string, InterfaceFacts> {
  const addresses = os.networkInterfaces()
  const names = folder('/sys/class/net').slice(0, MAX_INTERFACES)
  return Object.fromEntries(
    names.map((name) => {
      const mine = (addresses[name] ?? []).slice(0, MAX_ADDRESSES)
      const of = (family: string) =>
        mine.filter((one) => one.family === family).map((one) => one.cidr ?? one.address)
      const mac = fact(text(`/sys/class/net/${name}/address`))
      const mtu = Number(text(`/sys/class/net/${name}/mtu`)) || 0
      return [fact(name), { mac, mtu, ipv4: of('IPv4').sort(), ipv6: of('IPv6').sort() }]
    }),
  )
}

function folder(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** Of IPv4, from the kernel's own table. Its addresses are hexadecimal, in the order of a little-endian machine. */
function defaultRoute(routes: string): Facts['network']['default_route'] {
  const row = routes.split('\n').find((line) => /^\S+\s+00000000\s/.test(line))
  if (row === undefined) return null
  const [name = '', , gateway = ''] = words(row)
  const bytes = gateway.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  return { interface: fact(name), gateway: bytes.reverse().join('.') }
}

function timezoneOf(root: string): string {
  const path = `${root}/etc/localtime`
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : ''
  return fact(link.split('/zoneinfo/')[1] ?? '') || fact(text(`${root}/etc/timezone`)) || 'UTC'
}

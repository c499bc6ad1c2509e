import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, BED, GATEWAY, STATE_DIR, SUBNET } from './places.ts'
import { must, run } from './run.ts'

const FORWARDING = '/proc/sys/net/ipv4/ip_forward'
/** There while forwarding is on for us only. */
const FORWARDING_WAS_OFF = join(STATE_DIR, 'forwarding-was-off')
const PREFIX_LENGTH = SUBNET.split('/')[1]

const RULES = `
add table ip ${BED}
flush table ip ${BED}
table ip ${BED} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${SUBNET} oifname != "${BED}" masquerade
  }
}
`

const SYSCTLS = [
  // A new namespace takes this from the machine, where it is on for us.
  'net.ipv4.ip_forward=0',
  // Else the state of a host's own address changes a second after boot.
  'net.ipv6.conf.eth0.accept_dad=0',
]

export const namespaceOf = (index: number): string => `${BED}-${index}`
const linkOf = (index: number): string => `drv-${index}`

/** The bridge that hosts are on, with a way out for apt. Only under `withHosts`. */
export async function raiseBridge(): Promise<void> {
  if (existsSync(`/sys/class/net/${BED}`)) return
  await must(['nft', '-f', '-'], { stdin: RULES })
  rmSync(FORWARDING_WAS_OFF, { force: true })
  if (readFileSync(FORWARDING, 'utf8').trim() === '0') {
    writeFileSync(FORWARDING_WAS_OFF, '')
    writeFileSync(FORWARDING, '1')
  }
  await letThroughDocker()
  await ip([
    `link add ${BED} mtu ${mtu()} type bridge`,
    `addr add ${GATEWAY}/${PREFIX_LENGTH} dev ${BED}`,
    `link set ${BED} up`,
  ])
}

/** Leaves the machine's network as it was. Only under `withHosts`, when no host is left. */
export async function lowerBridge(): Promise<void> {
  if (!existsSync(`/sys/class/net/${BED}`)) return
  await run(['ip', 'link', 'del', BED])
  await run(['nft', 'delete', 'table', 'ip', BED])
  if (await hasDocker())
    for (const direction of DIRECTIONS) await run(['iptables', '-w', '-D', 'DOCKER-USER', ...direction])
  if (!existsSync(FORWARDING_WAS_OFF)) return
  writeFileSync(FORWARDING, '0')
  rmSync(FORWARDING_WAS_OFF)
}

/** A namespace for a host with `eth0` on the bridge. */
export async function plug(index: number): Promise<void> {
  const namespace = namespaceOf(index)
  const link = linkOf(index)
  await ip([
    `netns add ${namespace}`,
    `link add ${link} mtu ${mtu()} type veth peer name eth0 netns ${namespace}`,
  ])
  await ip([`link set ${link} master ${BED} up`])
  await must(['ip', 'netns', 'exec', namespace, 'sysctl', '-qw', ...SYSCTLS])
  const inside = [
    'link set lo up',
    `link set eth0 mtu ${mtu()} up`,
    `addr add ${addressOf(index)}/${PREFIX_LENGTH} dev eth0`,
    `route add default via ${GATEWAY}`,
  ]
  await ip(inside, '-n', namespace)
}

/** Pulls the cable of a host, or puts it back: it is told nothing, as when a switch dies. */
export async function connect(index: number, isConnected: boolean): Promise<void> {
  await must(['ip', 'link', 'set', linkOf(index), isConnected ? 'up' : 'down'])
}

/** Removes a host's link and namespace, or what there is of them. */
export async function unplug(index: number): Promise<void> {
  await run(['ip', 'link', 'del', linkOf(index)])
  await run(['ip', 'netns', 'del', namespaceOf(index)])
}

const ip = (lines: string[], ...options: string[]): Promise<string> =>
  must(['ip', ...options, '-batch', '-'], { stdin: `${lines.join('\n')}\n` })

/** No wider than the way out: where path discovery is filtered, apt would hang. */
function mtu(): number {
  const routes = readFileSync('/proc/net/route', 'utf8').split('\n').slice(1)
  const way = routes.map((line) => line.split('\t')).find(([, destination]) => destination === '00000000')
  return way === undefined ? 1500 : Number(readFileSync(`/sys/class/net/${way[0]}/mtu`, 'utf8'))
}

const DIRECTIONS = [
  ['-i', BED, '-j', 'ACCEPT'],
  ['-o', BED, '-j', 'ACCEPT'],
]

/** Docker's FORWARD chain drops what it does not know; the chain for exceptions is DOCKER-USER. */
async function letThroughDocker(): Promise<void> {
  if (!(await hasDocker())) return
  for (const direction of DIRECTIONS) await must(['iptables', '-w', '-I', 'DOCKER-USER', ...direction])
}

async function hasDocker(): Promise<boolean> {
  if (!existsSync('/usr/sbin/iptables')) return false
  const { code } = await run(['iptables', '-w', '-n', '-L', 'DOCKER-USER'])
  return code === 0
}

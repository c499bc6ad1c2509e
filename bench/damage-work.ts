import type { Hurt } from './damage-measure.ts'
import { DIRECTORY } from './make-work.ts'

/** One resource of every type that is watched, several times over: who is hurt again and again is left alone for a while. */

const EACH = 20
const names = Array.from({ length: EACH }, (_, i) => String(i))
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDQhdzLR8jtgykdqG8DVOgQA5KKvwqgs66HWII5xCTAM bench'

// Each host has its own of these, and none of them matters to it.
const SYSCTLS = [
  ...['fin_timeout', 'keepalive_intvl', 'keepalive_probes', 'orphan_retries', 'reordering'],
  ...['retries1', 'retries2', 'syn_retries', 'synack_retries', 'keepalive_time'],
].map((name) => [`net.ipv4.tcp_${name}`, `net/ipv4/tcp_${name}`] as const)

const list = (prefix: string, suffix = '') => `[${names.map((i) => `${prefix}${i}${suffix}`).join(', ')}]`

/** What is declared beside the usual work; `packages` are some that the host has. */
export const moreWork = (packages: readonly string[]) => `
  - directory: [/srv/damage, ${names.map((i) => `/srv/damage/d${i}`).join(', ')}]
  - link: ${list('/srv/damage/link')}
    to: /etc/hostname
${names.map((i) => `  - line: /srv/damage/line${i}#x\n    text: as it should be\n    match: ^as it`).join('\n')}
  - hosts-entry: ${list('damage', '.example')}
    address: [192.0.2.1]
  - group: ${list('damage')}
    members: [bench0]
${names.map((i) => `  - authorized-keys: bench${i}\n    keys: ["${KEY}"]`).join('\n')}
  - cron: ${list('damage')}
    schedule: "0 0 1 1 *"
    command: /bin/true
  - unit: ${list('damage', '.service')}
    content: |
      [Service]
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
  - service: ${list('damage', '.service')}
${names.map((i) => `  - command: touch /srv/damage/made${i}\n    creates: /srv/damage/made${i}`).join('\n')}
${SYSCTLS.map(([name]) => `  - sysctl: ${name}\n    value: 7`).join('\n')}
  - package: [${packages.join(', ')}]
    hold: false
`

/** How each is hurt by the host's own tools, and where one sees that it was. */
export function hurtsOf(packages: readonly string[]): ReadonlyMap<string, readonly Hurt[]> {
  const each = (hurt: (i: string) => Hurt) => names.map(hurt)
  const appended = (path: string): Hurt => ({ argv: ['sh', '-c', 'echo x >> "$0"', path], path })
  return new Map([
    ['file', Array.from({ length: 200 }, (_, i) => appended(`${DIRECTORY}/${i}.conf`))],
    ['directory', each((i) => ({ argv: ['chmod', '0700', `/srv/damage/d${i}`], path: `/srv/damage/d${i}` }))],
    ['link', each((i) => ({ argv: ['rm', `/srv/damage/link${i}`], path: `/srv/damage/link${i}` }))],
    [
      'line',
      each((i) => ({
        argv: ['sed', '-i', '/as it/d', `/srv/damage/line${i}`],
        path: `/srv/damage/line${i}`,
      })),
    ],
    [
      'hosts-entry',
      each((i) => ({
        argv: ['sh', '-c', `sed '/damage${i}\\.example/d' /etc/hosts > /run/h; cat /run/h > /etc/hosts`],
        path: '/etc/hosts',
        match: `\\bdamage${i}\\.example`,
      })),
    ],
    ['user', each((i) => ({ argv: ['usermod', '--shell', '/bin/sh', `bench${i}`], path: '/etc/passwd' }))],
    [
      'group',
      each((i) => ({
        argv: ['gpasswd', '--delete', 'bench0', `damage${i}`],
        path: '/etc/group',
        match: `^damage${i}:.*:bench0$`,
      })),
    ],
    ['authorized-keys', each((i) => appended(`/home/bench${i}/.ssh/authorized_keys`))],
    ['cron', each((i) => appended(`/etc/cron.d/damage${i}`))],
    ['unit', each((i) => appended(`/etc/systemd/system/damage${i}.service`))],
    [
      'service',
      each((i) => ({
        argv: ['systemctl', 'stop', `damage${i}.service`],
        path: `/run/systemd/units/invocation:damage${i}.service`,
        exists: true,
      })),
    ],
    [
      'command',
      each((i) => ({ argv: ['rm', `/srv/damage/made${i}`], path: `/srv/damage/made${i}`, exists: true })),
    ],
    [
      'sysctl',
      SYSCTLS.map(([name, path]) => ({
        argv: ['sysctl', '--quiet', '--write', `${name}=8`],
        path: `/proc/sys/${path}`,
      })),
    ],
    [
      'package',
      packages.map((name) => ({
        argv: ['apt-mark', 'hold', name],
        path: '/var/lib/dpkg/status',
        match: `^Package: ${name.replaceAll(/[+.]/g, '\\$&')}\\n(?:\\S.*\\n)*?Status: install `,
      })),
    ],
  ])
}

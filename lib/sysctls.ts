import { posix } from 'node:path'
import * as v from 'valibot'
import type { Host } from './host.ts'

/** The names of kernel settings, and what the kernel says of them. */

// No part begins with a slash, so that none becomes "..".
export const SysctlName = v.pipe(
  v.string('a name is a string'),
  v.regex(
    /^[a-z][a-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_/@:-]*)+$/,
    'a setting has a name such as "net.ipv4.ip_forward"; a dot within a part is written as a slash',
  ),
  v.maxLength(200, 'a name has at most 200 letters'),
)

/** How many blanks stand between the parts of a value means nothing. */
export const oneSpace = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** Where the kernel shows it. */
export const pathOf = (name: string): string =>
  `/proc/sys/${name
    .split('.')
    .map((part) => part.replaceAll('/', '.'))
    .join('/')}`

/** Settings by which the kernel changes this one, which are therefore settled before it. */
export function related(name: string): string[] {
  const dirty = /^(vm\.dirty(?:_background)?)_(bytes|ratio)$/.exec(name)
  // Of the two, the kernel empties the one when the other is set; who declares the ratio means the ratio.
  if (dirty) return dirty[2] === 'ratio' ? [`${dirty[1]}_bytes`] : []
  const [, family, device = '', leaf = ''] = /^net\.(ipv[46])\.conf\.([^.]+)\.([^.]+)$/.exec(name) ?? []
  if (family === undefined) return []
  const forwards = family === 'ipv4' && ['forwarding', 'accept_redirects'].includes(leaf)
  return [
    ...(forwards ? ['net.ipv4.ip_forward'] : []),
    ...(['all', 'default'].includes(device)
      ? []
      : [`net.${family}.conf.all.${leaf}`, `net.${family}.conf.default.${leaf}`]),
  ]
}

/** The last value that a file of sysctl.d(5) gives a setting, `null` when it gives none. */
export function settingIn(text: string, name: string): string | null {
  let value: string | null = null
  for (const line of text.split('\n')) {
    const [, key = '', given = ''] = /^\s*-?\s*([^#;=\s]+)\s*=(.*)$/.exec(line) ?? []
    if (key !== '' && pathOf(dotted(key)) === pathOf(name)) value = oneSpace(given)
  }
  return value
}

/** A name may be written with slashes between its parts, and then has dots within them. */
function dotted(key: string): string {
  const [separator] = /[./]/.exec(key) ?? []
  return separator === '/' ? key.replaceAll(/[./]/g, (one) => (one === '/' ? '.' : '/')) : key
}

/** What the kernel has now, `null` when it has no such setting, and whether it can be set here. */
export async function liveOf(name: string, host: Host): Promise<{ live: string | null; writable: boolean }> {
  const path = pathOf(name)
  const stat = await host.stat(path)
  if (stat === null) return { live: null, writable: false }
  // Root of a container owns only what is its own.
  const writable = stat.owner === 'root' && /^.[2367]/.test(stat.mode) && !(await isReadOnly(path, host))
  return { live: oneSpace((await host.text(path)) ?? ''), writable }
}

// Behind every name that people and packages choose, so that what is declared also holds after a boot.
const FILE_PREFIX = 'zz-drover-'
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d']

/** Where the value of a boot is kept. */
export const fileOf = (name: string) => `${FOLDERS[0]}/${FILE_PREFIX}${name.replaceAll('/', ':')}.conf`

/** What is read after our file at boot and sets the same. */
export async function laterOf(name: string, host: Host): Promise<{ path: string; value: string } | null> {
  for (const path of await filesAfter(posix.basename(fileOf(name)), host)) {
    const stat = await host.stat(path)
    const value = stat?.kind === 'file' ? settingIn((await host.text(path)) ?? '', name) : null
    if (value !== null) return { path, value }
  }
  return null
}

/** As systemd-sysctl reads them: by name across all folders, of one name the first alone. The last one comes first. */
async function filesAfter(ours: string, host: Host): Promise<string[]> {
  const later = new Map<string, string>()
  for (const folder of FOLDERS) {
    const names = ((await host.list(folder)) ?? []).filter((name) => name.endsWith('.conf') && name > ours)
    for (const name of names)
      if (!name.startsWith(FILE_PREFIX) && !later.has(name)) later.set(name, `${folder}/${name}`)
  }
  return [...later.keys()]
    .sort()
    .reverse()
    .flatMap((name) => later.get(name) ?? [])
}

/** Whether the file system that holds a path is mounted read-only, as /proc/sys is in most containers. */
async function isReadOnly(path: string, host: Host): Promise<boolean> {
  const mounts = ((await host.text('/proc/self/mountinfo')) ?? '').split('\n').map((line) => line.split(' '))
  const above = mounts.filter(
    ([, , , , point = '']) => path === point || path.startsWith(point === '/' ? point : `${point}/`),
  )
  const lengthOf = ([, , , , point = '']: string[]) => point.length
  // Of two mounts on one point, the later one lies on top.
  const nearest = above.reduce<string[]>((best, one) => (lengthOf(one) >= lengthOf(best) ? one : best), [])
  return (nearest[5] ?? '').split(',').includes('ro')
}

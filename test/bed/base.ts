import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type AptFiles, machineApt, mirror, SUITE } from './apt.ts'
import { locked } from './lock.ts'
import { CACHE_DIR, CHECKOUT } from './places.ts'
import { must } from './run.ts'
import { hashTree } from './tree.ts'

/** Say another number when `furnish` changes, so that everyone's base is built anew. */
const RECIPE = 1

const PACKAGES = [
  ...[
    'systemd',
    'systemd-sysv',
    'libpam-systemd',
    'dbus',
    'kmod',
    'procps',
    'passwd',
    'login',
    'sudo',
    'cron',
  ],
  ...['iproute2', 'iputils-ping', 'nftables', 'ca-certificates', 'libstdc++6'],
]

/** Timers that write at hours of their own: an idle host must not change. */
const NOISY = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
]

const DROVER = '#!/bin/sh\nexec /usr/local/bin/node /opt/drover/dist/bundle/drover.js "$@"\n'
const LOCALHOST = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n'
const BUILD_TIMEOUT_MS = 15 * 60_000

export interface Base {
  /** The tree that every host starts from. */
  root: string
  /** A JSON file with the sha256 of every file in it. */
  hashes: string
}

/** The base tree, built first when this recipe never was, which takes about a minute. */
export async function base(say: (line: string) => void = () => undefined): Promise<Base> {
  const files = await machineApt()
  const root = join(CACHE_DIR, `base-${recipe(files)}`)
  const built = { root, hashes: `${root}.json` }
  if (existsSync(root)) return built
  await locked(join(CACHE_DIR, 'lock'), BUILD_TIMEOUT_MS / 1000, async () => {
    if (existsSync(root)) return
    say(`building the base tree in ${root}, once; about a minute`)
    const partial = `${root}.partial`
    rmSync(partial, { recursive: true, force: true })
    await debootstrap(partial, mirror(files))
    await furnish(partial, files)
    writeFileSync(built.hashes, JSON.stringify(hashTree(partial)))
    renameSync(partial, root)
  })
  return built
}

function recipe(files: AptFiles): string {
  const hash = createHash('sha256').update(
    JSON.stringify([RECIPE, SUITE, PACKAGES, NOISY, DROVER, LOCALHOST]),
  )
  for (const [path, content] of Object.entries(files)) hash.update(path).update(content)
  return hash.digest('hex').slice(0, 12)
}

async function debootstrap(root: string, from: string): Promise<void> {
  const include = `--include=${PACKAGES.join(',')}`
  await must(['debootstrap', '--variant=minbase', include, SUITE, root, from], {
    timeoutMs: BUILD_TIMEOUT_MS,
  })
}

async function furnish(root: string, files: AptFiles): Promise<void> {
  // apt complains of sources it finds twice, and debootstrap has written its own.
  rmSync(join(root, 'etc/apt/sources.list'), { force: true })
  for (const [path, content] of Object.entries(files)) put(root, path, content)
  put(root, '/etc/hosts', LOCALHOST)
  put(root, '/usr/local/bin/drover', DROVER, 0o755)
  // Where node and the checkout are bound to.
  put(root, '/usr/local/bin/node', '', 0o755)
  mkdirSync(join(root, 'opt/drover'), { recursive: true })
  cpSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'), { dereference: true })
  const inside = (...argv: string[]) => must(['chroot', root, ...argv], { timeoutMs: BUILD_TIMEOUT_MS })
  await inside('update-ca-certificates')
  await inside('apt-get', 'update', '-q')
  await inside('apt-get', 'clean')
  await must(['systemctl', `--root=${root}`, 'disable', ...NOISY])
  await checkLibraries(root)
  // Each host is given its own, at birth.
  put(root, '/etc/machine-id', '')
  rmSync(join(root, 'var/lib/dbus/machine-id'), { force: true })
  symlinkSync('/etc/machine-id', join(root, 'var/lib/dbus/machine-id'))
}

function put(root: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content, { mode })
}

/** The machine's node runs in hosts, so its libraries have to be there as well. */
async function checkLibraries(root: string): Promise<void> {
  const list = await must(['ldd', process.execPath])
  for (const [library] of list.matchAll(/\/\S+\.so\S*/g))
    if (!existsSync(join(root, library)))
      throw new Error(`${process.execPath} needs "${library}", which the base tree of ${CHECKOUT} lacks`)
}

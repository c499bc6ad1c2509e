import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, posix } from 'node:path'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { type Mount, mountsOf } from './mounts.ts'
import { PROGRAMS } from './programs.ts'

/**
 * The copy of a host that a rehearsal works on: an overlay over each of its file systems, whose upper layers are in
 * memory. All of it is mounted in a namespace of this process alone, and ends with it.
 */

/** Where it is inside. The programs that stand in for others know it too. */
export const STAGE = '/run/drover-rehearsal'
// Nobody looks for files of a host there, and every host has it.
const BACKSTAGE = '/dev/shm'
const ROOT = join(BACKSTAGE, 'root')

/** One file system of the host, and what became of it. */
export type Layer = { readonly point: string; readonly upper: string; readonly lower: string }

/** By name, where the kernel shows each. */
export type Settings = ReadonlyMap<string, string>

export type Stage = {
  /** From the root down. */
  readonly layers: readonly Layer[]
  /** What was asked of systemd. */
  readonly asked: string
}

/**
 * Makes the copy, and this process its inhabitant: afterwards no path leads to the host any more.
 *
 * @param settings of the kernel that may be others in the copy
 * @param active units that run on the host
 */
export function openStage(maxBytes: number, settings: Settings, active: readonly string[]): Stage {
  // Of the namespace of processes that this one is the first of.
  mount('/proc', '-t', 'proc', 'proc')
  mount(BACKSTAGE, '-t', 'tmpfs', '-o', `size=${maxBytes},mode=0711`, 'tmpfs')
  for (const folder of ['root', 'upper', 'work', 'lower', 'units', 'settings']) make(join(BACKSTAGE, folder))
  writePrograms()
  const layers = mountsOf(readFileSync('/proc/self/mountinfo', 'utf8')).flatMap(layer)
  furnish(settings)
  for (const unit of active) writeFileSync(join(BACKSTAGE, 'units', unit), '')
  writeFileSync(join(BACKSTAGE, 'asked'), '')
  isolateNetwork()
  mkdirSync(join(ROOT, STAGE), { recursive: true })
  mount(join(ROOT, STAGE), '--rbind', BACKSTAGE)
  mkdirSync(join(ROOT, STAGE, 'host'))
  command('pivot_root', [ROOT, join(ROOT, STAGE, 'host')])
  process.chdir('/')
  for (const left of ['host', 'root']) command('umount', ['--lazy', join(STAGE, left)])
  for (const { point } of layers) if (/^\/(run|tmp)(\/|$)/.test(point)) silence(point)
  const inside = (path: string) => join(STAGE, path)
  return {
    layers: layers.map(({ point, upper, lower }) => ({ point, upper: inside(upper), lower: inside(lower) })),
    asked: inside('asked'),
  }
}

const make = (path: string) => mkdirSync(path, { recursive: true })

/** What would write to a disk writes to memory; what nobody could undo is not writable at all. */
function layer({ point, type, isReadOnly }: Mount, index: number): Layer[] {
  const target = point === '/' ? ROOT : join(ROOT, point)
  // Something else lies over it, or it is a user's own.
  if (!existsSync(point) || !existsSync(target)) return []
  const isOverlaid = point === '/' || !isForeign(type)
  if (isReadOnly || !isOverlaid || /[:,\\]/.test(point) || !statSync(point).isDirectory()) {
    mount(target, '-o', 'bind,ro', point)
    return []
  }
  const [upper, work, lower] = ['upper', 'work', 'lower'].map((kind) => join(kind, String(index))) as [
    string,
    string,
    string,
  ]
  for (const path of [upper, work, lower]) make(join(BACKSTAGE, path))
  mount(join(BACKSTAGE, lower), '-o', 'bind,ro', point)
  likeness(point, join(BACKSTAGE, upper))
  const shim = join(BACKSTAGE, 'shim', point)
  const below = existsSync(shim) ? `${shim}:${point}` : point
  const dirs = `lowerdir=${below},upperdir=${join(BACKSTAGE, upper)},workdir=${join(BACKSTAGE, work)}`
  // Directories can be renamed, as on the host.
  mount(target, '-t', 'overlay', '-o', `redirect_dir=on,index=off,metacopy=off,${dirs}`, 'overlay')
  return [{ point, upper, lower }]
}

/** File systems that others see too, or that are stacked on others already. */
const isForeign = (type: string) => /^(fuse|nfs|cifs|smb|9p|ceph|gluster|overlay$|aufs|squashfs)/.test(type)

/** The mode and the owner of a directory are those of its uppermost layer. */
function likeness(from: string, to: string): void {
  const { mode, uid, gid } = statSync(from)
  command('chown', [`${uid}:${gid}`, to])
  command('chmod', [(mode & 0o7777).toString(8), to])
}

/** Programs that stand in for others are a layer between the host and what is changed: no effect of the rehearsal. */
function writePrograms(): void {
  for (const [path, { text, mode, isProgram }] of Object.entries(PROGRAMS)) {
    if (path.startsWith(STAGE)) {
      const place = join(BACKSTAGE, path.slice(STAGE.length))
      make(posix.dirname(place))
      writeFileSync(place, text, { mode })
      continue
    }
    const real = realOf(path)
    // Where a host has no such program, none stands in for it.
    if (isProgram && !existsSync(real)) continue
    alike(posix.dirname(real))
    writeFileSync(join(BACKSTAGE, 'shim', real), text, { mode })
  }
  make(join(BACKSTAGE, 'real'))
  for (const path of Object.keys(PROGRAMS)) {
    const kept = join(BACKSTAGE, 'real', posix.basename(path))
    if (path.startsWith(STAGE) || !PROGRAMS[path]?.isProgram || !existsSync(realOf(path))) continue
    writeFileSync(kept, '')
    mount(kept, '-o', 'bind,ro', realOf(path))
  }
}

const realOf = (path: string) => join(realpathSync(posix.dirname(path)), posix.basename(path))

function alike(folder: string): void {
  const copy = join(BACKSTAGE, 'shim', folder)
  if (existsSync(copy)) return
  if (folder !== '/') alike(posix.dirname(folder))
  make(copy)
  if (existsSync(folder)) likeness(folder, copy)
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty']
const LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
}

/** What the kernel shows of itself, to be read; and devices that hold nothing. */
function furnish(settings: Settings): void {
  const [proc, sys, dev] = [join(ROOT, 'proc'), join(ROOT, 'sys'), join(ROOT, 'dev')]
  mount(proc, '-t', 'proc', '-o', 'ro', 'proc')
  for (const [name, path] of settings) {
    const place = join(BACKSTAGE, 'settings', name.replaceAll('/', ':'))
    const value = settingOf(path)
    if (value === null) continue
    writeFileSync(place, value, { mode: 0o644 })
    mount(join(ROOT, path), '--bind', place)
  }
  mount(sys, '--rbind', '/sys')
  const below = mountsBelow(sys)
  for (const point of below) command('mount', ['-o', 'remount,bind,ro', point])
  mount(dev, '-t', 'tmpfs', '-o', 'mode=0755,size=1m', 'tmpfs')
  for (const name of DEVICES.filter((one) => existsSync(join('/dev', one)))) {
    writeFileSync(join(dev, name), '')
    mount(join(dev, name), '--bind', join('/dev', name))
  }
  for (const folder of ['pts', 'shm']) mkdirSync(join(dev, folder))
  mount(join(dev, 'pts'), '-t', 'devpts', '-o', 'newinstance,ptmxmode=0666,mode=0620', 'devpts')
  mount(join(dev, 'shm'), '-t', 'tmpfs', '-o', 'mode=1777,size=64m', 'tmpfs')
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(dev, name))
}

/** `null`: the kernel has no such setting, or nobody may read it. */
export function settingOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const mountsBelow = (path: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === path || point.startsWith(`${path}/`))

/** A network in which nobody is, for all but apt. */
function isolateNetwork(): void {
  const place = join(BACKSTAGE, 'network')
  writeFileSync(place, '')
  command('unshare', [`--net=${place}`, '--', 'ip', 'link', 'set', 'lo', 'up'])
}

/** Nobody of the host can be talked to: sockets and pipes that lie there are taken out of the copy. */
function silence(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (path === STAGE) continue
    if (entry.isSocket() || entry.isFIFO()) unlinkSync(path)
    else if (entry.isDirectory() && lstatSync(path).dev === lstatSync(folder).dev) silence(path)
  }
}

const mount = (target: string, ...how: string[]) => command('mount', [...how, target])

function command(program: string, args: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH, LC_ALL: 'C' } })
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim() || reasonOf(error)
    throw new Failure('denied', `a copy of this host can't be made: ${said}`, {
      about: `${program} ${args.join(' ')}`,
      hint: NESTING,
    })
  }
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** What helps where a kernel or a container lets nobody mount. */
export const NESTING =
  'run it as root; a container must let its root mount overlays: in LXC and Proxmox "nesting", in Docker --privileged'

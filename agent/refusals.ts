import { Failure } from '../lib/failure.ts'

/** What the file engine refuses to do. A check says the same in advance, in the same words. */

/** A directory that holds something is removed only by who asks for that. */
export const notEmpty = (path: string) =>
  new Failure('conflict', `directory ${path} is not empty`, {
    about: path,
    hint: 'declare "recursive: true" to remove what is in it',
  })

const unsafe = (path: string, what: string) =>
  new Failure('denied', `${path} is ${what}; nothing is written below it`, {
    about: path,
    hint: 'mend its mode or owner first',
  })

export const unsafeLink = (path: string) => unsafe(path, 'a link that others than root can change')

export const unsafeDirectory = (path: string) => unsafe(path, 'a directory in which anybody may rename files')

export const hardLinked = (path: string, links: number) =>
  new Failure('denied', `${path} has ${links} hard links`, {
    about: path,
    hint: 'another name of the same file would change with it',
  })

/** World-writable without the sticky bit. */
export const isOpenToOthers = (mode: number) => (mode & 0o002) !== 0 && (mode & 0o1000) === 0

/** Without these a host does not start, or nobody can log in or mend it. */
const VITAL = new Set([
  ...['/bin', '/boot', '/etc', '/home', '/lib', '/lib64', '/root', '/run', '/sbin', '/usr', '/var'],
  ...['/usr/bin', '/usr/lib', '/usr/lib64', '/usr/sbin', '/usr/share', '/var/lib', '/var/lib/dpkg'],
  ...['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/gshadow', '/etc/apt', '/etc/pam.d', '/etc/systemd'],
])

export const isVital = (path: string) => VITAL.has(path)

export const vital = (path: string) =>
  new Failure('denied', `${path} is removed by nobody: the host could not do without it`, {
    about: path,
    hint: 'declare what of it is to go',
  })

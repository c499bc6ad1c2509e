import { readFileSync } from 'node:fs'
import { Failure } from '../lib/failure.ts'
import { hintOf } from './failures.ts'

/** Where the file system is mounted that holds a path, by the kernel's table of mounts. */
export function mountOf(path: string, table = readFileSync('/proc/self/mountinfo', 'utf8')): string {
  let found = '/'
  for (const line of table.split('\n')) {
    // `36 35 98:0 /root /mnt rw,noatime - ext4 /dev/sda1 rw`, with spaces as octal numbers.
    const place = line
      .split(' ')[4]
      ?.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    if (place !== undefined && place.length >= found.length && `${path}/`.startsWith(`${place}/`))
      found = place
  }
  return found
}

const READ_ONLY = 'EROFS'

/** What a step at a path threw; that its file system is read-only says which one that is. */
export function namingReadOnly(path: string, thrown: unknown): unknown {
  if ((thrown as NodeJS.ErrnoException).code !== READ_ONLY) return thrown
  const mount = mountOf(path)
  const hint = hintOf(READ_ONLY)
  return new Failure('unavailable', `the file system at ${mount} is read-only`, {
    about: mount,
    ...(hint !== undefined && { hint }),
    cause: thrown,
  })
}

/** The file system that a failure says to be read-only. */
export const readOnlyMount = ({ about, cause }: Failure): string | null =>
  (cause as NodeJS.ErrnoException | undefined)?.code === READ_ONLY ? (about ?? null) : null

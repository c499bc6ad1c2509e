import * as v from 'valibot'
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from './limits.ts'

/** The kinds of names and values that several states share, each with the sentence that refuses it. */

const encoder = new TextEncoder()
// A character has at most three bytes for each of its UTF-16 units, so that few texts need to be encoded.
const fits = (text: string, max: number) => text.length * 3 <= max || encoder.encode(text).length <= max

/** An absolute, normal path that is safe to manage: not the root, nor in a kernel's file system. */
export const Path = v.pipe(
  v.string('a path is a string'),
  v.check((path) => path.startsWith('/'), 'a path must be absolute'),
  v.check(
    (path) => path === '/' || !/\/\.{0,2}(?:\/|$)/.test(path),
    'a path must be normal: no "//", "/./", "/../" or "/" at its end',
  ),
  v.check((path) => !path.includes('\0'), 'a path holds no NUL'),
  v.check((path) => fits(path, MAX_PATH_BYTES), `a path has at most ${MAX_PATH_BYTES} bytes`),
  v.check(
    (path) => fits(path, MAX_NAME_BYTES) || path.split('/').every((part) => fits(part, MAX_NAME_BYTES)),
    `each part of a path has at most ${MAX_NAME_BYTES} bytes`,
  ),
)

/** A path that a resource may manage. */
export const ManagedPath = v.pipe(
  Path,
  v.check((path) => path !== '/', 'the root directory itself is not managed'),
  v.check(
    (path) => !/^\/(proc|sys|dev)(\/|$)/.test(path),
    'paths in /proc, /sys and /dev belong to the kernel; a sysctl or kernel setting has a type of its own',
  ),
)

/**
 * A file, and behind a "#" a label that tells its parts apart: `/etc/ssh/sshd_config#PermitRootLogin`. One part of a
 * file alone needs no label.
 */
export const PathAndLabel = v.pipe(
  v.string('a name is a string'),
  v.regex(
    /^[^#]+(#[A-Za-z0-9_.:-]{1,100})?$/,
    'a name is a path, and behind "#" a label of letters, digits and "_.:-" if the path is declared more than once',
  ),
  v.check(
    (name) => v.is(ManagedPath, partsOf(name).path),
    (issue) => firstIssue(ManagedPath, partsOf(issue.input).path),
  ),
)

/** What `PathAndLabel` holds. */
export function partsOf(name: string): { path: string; label: string | null } {
  const at = name.indexOf('#')
  return at === -1 ? { path: name, label: null } : { path: name.slice(0, at), label: name.slice(at + 1) }
}

const firstIssue = (schema: v.GenericSchema, value: unknown): string =>
  v.safeParse(schema, value).issues?.[0]?.message ?? ''

/** Four octal digits in quotes: YAML reads an unquoted 0644 as the number 644. */
export const Mode = v.pipe(
  v.string('a mode must be quoted, such as "0644": YAML reads it as a number otherwise'),
  v.regex(/^[0-7]{4}$/, 'a mode is four octal digits, such as "0644"'),
)

/** What useradd accepts on Debian; numbers are for files alone. */
export const AccountName = v.pipe(
  v.string('a name is a string'),
  v.regex(
    /^[a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?$/,
    'a user or group name has lower-case letters, digits, "_" and "-", at most 32',
  ),
)

/** Who owns a file: a name, or a number in quotes. */
export const OwnerName = v.union(
  [AccountName, v.pipe(v.string(), v.regex(/^\d{1,10}$/))],
  'an owner is a user or group name, or a number in quotes',
)

/** A unit with its suffix. A template without an instance is not a unit that runs. */
export const UnitName = v.pipe(
  v.string('a unit name is a string'),
  v.regex(
    /^[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|timer|target|mount|automount|path|swap|slice|scope)$/,
    'a unit name ends in its type, such as "nginx.service", and holds letters, digits and ":-_.\\@" only',
  ),
  v.check(
    (name) => !name.startsWith('-') && !name.startsWith('.'),
    'a unit name does not begin with "-" or "."',
  ),
)

export const PackageName = v.pipe(
  v.string('a package name is a string'),
  v.regex(
    /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?$/,
    'a package name has lower-case letters, digits and "+-.", with an architecture behind ":" if need be',
  ),
)

/** A name that stands for an address, with or without its domain. */
export const HostName = v.pipe(
  v.string('a host name is a string'),
  v.maxLength(253, 'a host name has at most 253 characters'),
  v.regex(
    /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/,
    'a host name has letters, digits and "-" in parts of at most 63, with "." between them',
  ),
)

/** An IPv4 or IPv6 address, without a prefix length. */
export const Address = v.pipe(
  v.string('an address is a string'),
  v.ip('an address is of IPv4 or IPv6, such as "192.0.2.1" or "2001:db8::1"'),
)

/** One line of text that is not empty. */
export const Line = v.pipe(
  v.string('it must be a string'),
  v.minLength(1, 'it must not be empty'),
  v.check((text) => !/[\r\n\0]/.test(text), 'it must be a single line'),
)

/** A duration such as `90s`, `5m`, `2h` or `1d`, as milliseconds. */
export const Duration = v.pipe(
  v.string('a duration is a number and a unit, such as "90s", "5m", "2h" or "1d"'),
  v.regex(/^\d{1,6}(ms|s|m|h|d)$/, 'a duration is a number and a unit, such as "90s", "5m", "2h" or "1d"'),
)

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The milliseconds of what `Duration` accepts. */
export function milliseconds(duration: string): number {
  const unit = duration.replace(/^\d+/, '') as keyof typeof UNIT_MS
  return Number.parseInt(duration, 10) * UNIT_MS[unit]
}

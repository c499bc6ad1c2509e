import * as v from 'valibot'
import { Failure } from './failure.ts'
import type { Argv, Host, Key } from './host.ts'
import { COMMAND_TIMEOUT_MS } from './limits.ts'
import { command, type RunStep } from './step.ts'

/** What the states that manage accounts have in common. */

/** A uid or gid. The last two numbers of 32 bits stand for "none". */
export const AccountId = v.pipe(
  v.number('an id is a number'),
  v.integer('an id is a whole number'),
  v.minValue(0, 'an id is not negative'),
  v.maxValue(4_294_967_293, 'an id has at most 32 bits'),
)

// With the backups that the tools leave beside them.
const FILES: readonly Key[] = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].map(
  (name) => `file:/etc/${name}*`,
)

/**
 * One of the shadow tools, which lock the account files and wait 15 seconds for whoever else holds them. A home
 * that is removed or given to another uid takes as long as it is large.
 */
export function accountCommand(argv: Argv, touches: readonly Key[], wants: readonly Key[] = []): RunStep {
  return { ...command(argv, COMMAND_TIMEOUT_MS, [...touches, ...FILES]), wants }
}

/**
 * Whether an account that is not in the host's own files has its name from somewhere else, such as LDAP. No tool
 * makes a second one of that name.
 */
export async function isElsewhere(kind: 'user' | 'group', name: string, host: Host): Promise<boolean> {
  const database = kind === 'user' ? 'passwd' : 'group'
  const { code, stdout } = await host.query(['getent', database, '--', name], [`${kind}:${name}`])
  return code === 0 && stdout.startsWith(`${name}:`)
}

/** Throws `Failure('conflict')` for an account that this host only knows from elsewhere. */
export function refuseElsewhere(kind: 'user' | 'group', name: string, elsewhere: boolean): void {
  if (!elsewhere) return
  const file = kind === 'user' ? '/etc/passwd' : '/etc/group'
  throw new Failure(
    'conflict',
    `${kind} "${name}" is not in ${file} but comes from another source, such as LDAP`,
    {
      about: name,
      hint: `manage it where it comes from: see "getent ${kind === 'user' ? 'passwd' : 'group'} ${name}" and /etc/nsswitch.conf`,
    },
  )
}

/** Throws `Failure('conflict')` for a number that another account has. */
export function refuseTaken(kind: 'user' | 'group', id: number | null, holder: string, name: string): void {
  if (holder === '' || holder === name) return
  throw new Failure('conflict', `${kind === 'user' ? 'uid' : 'gid'} ${id} belongs to ${kind} "${holder}"`, {
    about: name,
    hint: 'choose another number, or declare "non_unique: true"',
  })
}

/** Without repetition, in one order, so that sets compare. */
export const asSet = (names: readonly string[]): string[] => [...new Set(names)].sort()

/** A declaration without what is not managed. */
export function managed<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null> } {
  const kept: Partial<T> = {}
  for (const field in fields) if (fields[field] !== null) kept[field] = fields[field]
  return kept as never
}

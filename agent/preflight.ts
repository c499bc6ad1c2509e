import { posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Host, Key, Step } from '../lib/state.ts'

/**
 * Refuses steps that are bound to fail: a directory that nobody makes, an owner that nobody creates. A check
 * says so as an apply would, before anything is touched.
 *
 * @param mayCome whether a planned step may bring about what a key names
 * @param counts is told what is counted on, since a planned step may take it away
 */
export async function preflight(
  steps: readonly Step[],
  host: Host,
  mayCome: (key: Key) => boolean,
  counts: (key: Key) => void,
): Promise<void> {
  const made = new Set<string>()
  const gone = new Set<string>()
  for (const step of steps) {
    if (step.do === 'write' || step.do === 'mkdir' || step.do === 'link') {
      const parent = posix.dirname(step.path)
      if (!made.has(parent)) await requireDirectory(parent, host, mayCome)
      if (step.do === 'mkdir') made.add(step.path)
    }
    if (step.do === 'remove') {
      if (!step.recursive) await requireEmpty(step.path, gone, host, mayCome)
      gone.add(step.path)
    }
    await requireAll(accountsOf(step), host, mayCome, counts)
  }
}

async function requireEmpty(
  path: string,
  gone: ReadonlySet<string>,
  host: Host,
  mayCome: (key: Key) => boolean,
): Promise<void> {
  if ((await host.stat(path))?.kind !== 'directory' || mayCome(`file:${path}/*`)) return
  const inside = (await host.list(path)) ?? []
  if (inside.some((name) => !gone.has(posix.join(path, name)))) throw notEmpty(path)
}

/** A directory that holds something is removed only by who asks for that. */
export const notEmpty = (path: string) =>
  new Failure('conflict', `directory ${path} is not empty`, {
    about: path,
    hint: 'declare "recursive: true" to remove what is in it',
  })

/** The accounts that have to be there for a step, as keys. */
function accountsOf(step: Step): readonly Key[] {
  const wants = 'wants' in step ? (step.wants ?? []) : []
  if (step.do !== 'write' && step.do !== 'mkdir' && step.do !== 'chown') return wants
  const owner = step.owner === null ? [] : [`user:${step.owner}`]
  const group = step.group === null ? [] : [`group:${step.group}`]
  return [...owner, ...group, ...wants]
}

async function requireAll(
  wants: readonly Key[],
  host: Host,
  mayCome: (key: Key) => boolean,
  counts: (key: Key) => void,
): Promise<void> {
  for (const key of wants) {
    const [kind, name = ''] = key.split(':')
    if (kind !== 'user' && kind !== 'group') throw new Error(`nobody can say whether ${key} is there`)
    await requireAccount(kind, name, host, mayCome, counts)
  }
}

async function requireDirectory(
  path: string,
  host: Host,
  mayCome: (key: Key) => boolean,
  links = 0,
): Promise<void> {
  const stat = await host.stat(path)
  if (stat?.kind === 'directory' || mayCome(`file:${path}`)) return
  if (stat?.kind === 'link') {
    const end = posix.resolve(posix.dirname(path), stat.target ?? '')
    // The kernel gives up at as many; what leads into a kernel's own file system is its own affair.
    if (links < 40) return requireDirectory(end, host, mayCome, links + 1)
  }
  if (stat !== null)
    throw new Failure('conflict', `${path} is no directory but a ${stat.kind}`, { about: path })
  throw new Failure('not-found', `directory ${path} is not there`, {
    about: path,
    hint: `declare directory:${path} before it`,
  })
}

async function requireAccount(
  kind: 'user' | 'group',
  name: string,
  host: Host,
  mayCome: (key: Key) => boolean,
  counts: (key: Key) => void,
): Promise<void> {
  if (/^\d+$/.test(name)) return
  const found = kind === 'user' ? await host.user(name) : await host.group(name)
  if (found !== null) return counts(`${kind === 'user' ? 'uid' : 'gid'}-of:${name}`)
  if (mayCome(`${kind}:${name}`)) return
  throw new Failure('not-found', `${kind} "${name}" is unknown on this host`, {
    hint: `declare ${kind}:${name} before it`,
  })
}

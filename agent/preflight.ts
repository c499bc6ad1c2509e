import { posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Host, Key, Step } from '../lib/state.ts'

/**
 * Refuses steps that are bound to fail: a directory that nobody makes, an owner that nobody creates. A check
 * says so as an apply would, before anything is touched.
 *
 * @param mayCome whether a planned step may bring about what a key names
 */
export async function preflight(
  steps: readonly Step[],
  host: Host,
  mayCome: (key: Key) => boolean,
): Promise<void> {
  const made = new Set<string>()
  for (const step of steps) {
    if (step.do === 'write' || step.do === 'mkdir' || step.do === 'link') {
      const parent = posix.dirname(step.path)
      if (!made.has(parent)) await requireDirectory(parent, host, mayCome)
      if (step.do === 'mkdir') made.add(step.path)
    }
    await requireAll(accountsOf(step), host, mayCome)
  }
}

/** The accounts that have to be there for a step, as keys. */
function accountsOf(step: Step): readonly Key[] {
  const wants = 'wants' in step ? (step.wants ?? []) : []
  if (step.do !== 'write' && step.do !== 'mkdir' && step.do !== 'chown') return wants
  const owner = step.owner === null ? [] : [`user:${step.owner}`]
  const group = step.group === null ? [] : [`group:${step.group}`]
  return [...owner, ...group, ...wants]
}

async function requireAll(wants: readonly Key[], host: Host, mayCome: (key: Key) => boolean): Promise<void> {
  for (const key of wants) {
    const [kind, name = ''] = key.split(':')
    if (kind !== 'user' && kind !== 'group') throw new Error(`nobody can say whether ${key} is there`)
    await requireAccount(kind, name, host, mayCome)
  }
}

async function requireDirectory(path: string, host: Host, mayCome: (key: Key) => boolean): Promise<void> {
  const stat = await host.stat(path)
  if (stat?.kind === 'directory' || stat?.kind === 'link') return
  if (mayCome(`file:${path}`)) return
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
): Promise<void> {
  if (/^\d+$/.test(name)) return
  const found = kind === 'user' ? await host.user(name) : await host.group(name)
  if (found !== null || mayCome(`${kind}:${name}`)) return
  throw new Failure('not-found', `${kind} "${name}" is unknown on this host`, {
    hint: `declare ${kind}:${name} before it`,
  })
}

import { posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Host, Key } from '../lib/host.ts'
import type { Step } from '../lib/step.ts'
import { isUnitThere } from '../lib/unit-file.ts'
import {
  hardLinked,
  isOpenToOthers,
  isVital,
  notEmpty,
  unsafeDirectory,
  unsafeLink,
  vital,
} from './refusals.ts'

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
    const parents = parentsOf(step).filter((parent) => !made.has(parent))
    for (const parent of parents) await requireDirectory(parent, host, mayCome)
    await requireOneName(step, host)
    if (isVital(pathOf(step))) await requireKept(step, host)
    if (step.do === 'remove') await requireRemovable(step, gone, host, mayCome)
    if (step.do === 'mkdir') made.add(step.path)
    if (step.do === 'remove') gone.add(step.path)
    await requireAll(wantsOf(step), host, mayCome, counts)
  }
}

const pathOf = (step: Step): string => ('path' in step ? step.path : '')

/** A file of that name may become another file; nothing else takes the place of what is there. */
async function requireKept(step: Step, host: Host): Promise<void> {
  if (step.do !== 'remove' && step.do !== 'link' && step.do !== 'write') return
  const kind = (await host.stat(step.path))?.kind ?? null
  if (kind !== null && !(step.do === 'write' && kind === 'file')) throw vital(step.path)
}

type RemoveStep = Extract<Step, { do: 'remove' }>

/** The directories that a step puts something into. */
function parentsOf(step: Step): string[] {
  if (step.do !== 'write' && step.do !== 'mkdir' && step.do !== 'link') return []
  const backup = step.do === 'write' ? step.backup : null
  return [step.path, ...(backup === null ? [] : [backup])].map((path) => posix.dirname(path))
}

async function requireOneName(step: Step, host: Host): Promise<void> {
  if (step.do !== 'chmod' && step.do !== 'chown') return
  const { path } = step
  const stat = await host.stat(path)
  if (stat?.kind === 'file' && stat.links > 1) throw hardLinked(path, stat.links)
}

/** Nobody but root can send a write below this directory elsewhere. */
async function requireSafeWay(directory: string, host: Host, mayCome: (key: Key) => boolean): Promise<void> {
  for (let at = directory.indexOf('/', 1); at !== 0; at = directory.indexOf('/', at + 1)) {
    const path = at === -1 ? directory : directory.slice(0, at)
    const stat = await host.stat(path)
    if (stat === null || mayCome(`file:${path}`)) return
    if (stat.kind === 'link' && stat.owner !== 'root') throw unsafeLink(path)
    if (stat.kind === 'directory' && isOpenToOthers(Number.parseInt(stat.mode, 8)))
      throw unsafeDirectory(path)
    if (at === -1) return
  }
}

async function requireRemovable(
  { path, recursive }: RemoveStep,
  gone: ReadonlySet<string>,
  host: Host,
  mayCome: (key: Key) => boolean,
): Promise<void> {
  if (recursive || (await host.stat(path))?.kind !== 'directory' || mayCome(`file:${path}/*`)) return
  const inside = (await host.list(path)) ?? []
  if (inside.some((name) => !gone.has(posix.join(path, name)))) throw notEmpty(path)
}

/** The accounts and units that have to be there for a step, as keys. */
function wantsOf(step: Step): readonly Key[] {
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
    const at = key.indexOf(':')
    const [kind, name] = [key.slice(0, at), key.slice(at + 1)]
    if (kind === 'unit') await requireUnit(name, host, mayCome)
    else if (kind === 'user' || kind === 'group') await requireAccount(kind, name, host, mayCome, counts)
    else throw new Error(`nobody can say whether ${key} is there`)
  }
}

async function requireUnit(name: string, host: Host, mayCome: (key: Key) => boolean): Promise<void> {
  if ((await isUnitThere(name, host)) || mayCome(`unit:${name}`)) return
  throw new Failure('not-found', `unit ${name} is not there`, {
    about: name,
    hint: 'declare before it what brings it, such as its package, or "verify: false"',
  })
}

async function requireDirectory(
  path: string,
  host: Host,
  mayCome: (key: Key) => boolean,
  links = 0,
): Promise<void> {
  await requireSafeWay(path, host, mayCome)
  const stat = await host.stat(path)
  if (stat?.kind === 'directory' || mayCome(`file:${path}`)) return
  if (stat?.kind === 'link') {
    const end = posix.resolve(posix.dirname(path), stat.target ?? '')
    // The kernel gives up at as many.
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

import { posix } from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Host, Key, Stat } from '../lib/host.ts'
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
 * @param safe directories that were found right before; those that are found now are added
 */
export async function preflight(
  steps: readonly Step[],
  host: Host,
  mayCome: (key: Key) => boolean,
  counts: (key: Key) => void,
  safe = new Set<string>(),
): Promise<void> {
  const made = new Set<string>()
  const gone = new Set<string>()
  for (const step of steps) {
    for (const parent of parentsOf(step, made).filter((one) => !safe.has(one)))
      await requireDirectory(parent, host, mayCome).then(() => safe.add(parent))
    if (isInPlace(step)) await requireOneName(step, host)
    if (isVital(pathOf(step))) await requireKept(step, host)
    if (step.do === 'remove') await requireRemovable(step, gone, host, mayCome)
    if (step.do === 'mkdir') made.add(step.path)
    if (isTaking(step)) gone.add(pathOf(step))
    for (const key of wantsOf(step)) await requireThere(key, host, mayCome, counts)
  }
}

const pathOf = (step: Step): string => ('path' in step ? step.path : '')

/** A file of that name may become another file; nothing else takes the place of what is there. */
async function requireKept(step: Step, host: Host): Promise<void> {
  if (step.do !== 'remove' && step.do !== 'link' && step.do !== 'write' && step.do !== 'quarantine') return
  const kind = (await host.stat(step.path))?.kind ?? null
  if (kind !== null && !(step.do === 'write' && kind === 'file')) throw vital(step.path)
}

/** What was at its path is not there afterwards. */
const isTaking = (step: Step) => step.do === 'remove' || step.do === 'quarantine'

type RemoveStep = Extract<Step, { do: 'remove' }>

/** The directories that a step puts something into, without those that are made. */
function parentsOf(step: Step, made: ReadonlySet<string>): string[] {
  if (step.do !== 'write' && step.do !== 'mkdir' && step.do !== 'link') return []
  const parents = [posix.dirname(step.path)]
  if (step.do === 'write' && step.backup !== null) parents.push(posix.dirname(step.backup))
  return parents.filter((parent) => !made.has(parent))
}

type StepInPlace = Extract<Step, { do: 'chmod' | 'chown' }>

const isInPlace = (step: Step): step is StepInPlace => step.do === 'chmod' || step.do === 'chown'

async function requireOneName({ path }: StepInPlace, host: Host): Promise<void> {
  const stat = await host.stat(path)
  if (stat?.kind === 'file' && stat.links > 1) throw hardLinked(path, stat.links)
}

/** Nobody but root can send a write below this directory elsewhere. Says what is there in its place. */
async function requireSafeWay(
  directory: string,
  host: Host,
  mayCome: (key: Key) => boolean,
): Promise<Stat | null> {
  for (let at = directory.indexOf('/', 1); at !== 0; at = directory.indexOf('/', at + 1)) {
    const path = at === -1 ? directory : directory.slice(0, at)
    const stat = await host.stat(path)
    if (stat === null || mayCome(`file:${path}`)) return at === -1 ? stat : host.stat(directory)
    refuseUnsafe(path, stat)
    if (at === -1) return stat
  }
  return host.stat(directory)
}

function refuseUnsafe(path: string, stat: Stat): void {
  if (stat.kind === 'link' && stat.owner !== 'root') throw unsafeLink(path)
  if (stat.kind === 'directory' && isOpenToOthers(Number.parseInt(stat.mode, 8))) throw unsafeDirectory(path)
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
  const all: Key[] = []
  if (step.owner !== null) all.push(`user:${step.owner}`)
  if (step.group !== null) all.push(`group:${step.group}`)
  return [...all, ...wants]
}

function requireThere(
  key: Key,
  host: Host,
  mayCome: (key: Key) => boolean,
  counts: (key: Key) => void,
): Promise<void> {
  const at = key.indexOf(':')
  const kind = key.slice(0, at)
  const name = key.slice(at + 1)
  if (kind === 'unit') return requireUnit(name, host, mayCome)
  if (kind === 'user' || kind === 'group') return requireAccount(kind, name, host, mayCome, counts)
  throw new Error(`nobody can say whether ${key} is there`)
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
  const stat = await requireSafeWay(path, host, mayCome)
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

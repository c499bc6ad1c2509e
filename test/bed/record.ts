import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { locked } from './lock.ts'
import { addressOf, HOSTS_DIR, MAX_INDEX, STATE_DIR } from './places.ts'
import { isAlive, type ProcessId } from './process.ts'

/** Something of the machine that a host sees at a path of its own. */
export interface Bind {
  from: string
  to: string
  /** True unless given. */
  readOnly?: boolean
}

/** Less than nspawn's usual capabilities, as in an LXC container of a hosting company. */
export type Capabilities = 'lxc'

/** What the bed knows of a host, kept in `host.json` beside its overlay. */
export interface HostRecord {
  /** Different for all hosts of the machine: names the directory, namespace, link and cgroup. */
  id: string
  index: number
  /** What the host calls itself, different within one bed. */
  name: string
  address: string
  /** The hosts that know each other by name. */
  bed: string
  /** Goes with this process; null stays until it is taken down. */
  owner: ProcessId | null
  /** The systemd-nspawn that runs it, once it was started. */
  supervisor: ProcessId | null
  capabilities: Capabilities | null
  binds: Bind[]
  /** The base tree below its overlay. */
  base: string
  /** Its hashes, as a file. */
  baseHashes: string
}

const LOCK_WAIT_SECONDS = 60

/** Does some work on the set of hosts while no other process does. */
export const withHosts = <T>(work: () => Promise<T>): Promise<T> =>
  locked(join(STATE_DIR, 'lock'), LOCK_WAIT_SECONDS, work)

export const directoryOf = (id: string): string => join(HOSTS_DIR, id)
export const rootOf = (id: string): string => join(HOSTS_DIR, id, 'root')

/** The ids of all hosts, those half made or half removed as well. */
export function hostIds(): string[] {
  return existsSync(HOSTS_DIR) ? readdirSync(HOSTS_DIR).sort() : []
}

/** The record of a host, or null when its maker died before writing it. */
export function readRecord(id: string): HostRecord | null {
  try {
    return JSON.parse(readFileSync(join(directoryOf(id), 'host.json'), 'utf8'))
  } catch {
    return null
  }
}

export function writeRecord(record: HostRecord): void {
  const path = join(directoryOf(record.id), 'host.json')
  writeFileSync(`${path}.new`, JSON.stringify(record, null, 2))
  renameSync(`${path}.new`, path)
}

export function records(): HostRecord[] {
  return hostIds()
    .map(readRecord)
    .filter((record) => record !== null)
    .sort((a, b) => a.index - b.index)
}

/** A place for one more host. Only under `withHosts`. */
export function allocate(
  wanted: Omit<HostRecord, 'id' | 'index' | 'name' | 'address'> & { name?: string },
): HostRecord {
  const taken = new Set(hostIds())
  let index = 2
  while (taken.has(`h-${index}`)) index++
  if (index > MAX_INDEX) throw new Error(`the bed has no address left after ${MAX_INDEX} hosts`)
  const id = `h-${index}`
  const name = wanted.name ?? id
  if (records().some((other) => other.bed === wanted.bed && other.name === name))
    throw new Error(`this bed has a host "${name}" already`)
  const record = { ...wanted, id, index, name, address: addressOf(index) }
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(directoryOf(id), part), { recursive: true })
  writeRecord(record)
  return record
}

/** True for a host whose owner is gone. */
export function isOrphan(id: string): boolean {
  const record = readRecord(id)
  if (record === null) return true
  return record.owner !== null && !isAlive(record.owner)
}

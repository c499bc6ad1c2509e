import { base } from './base.ts'
import { type Host, hostOf } from './host.ts'
import { introduce } from './names.ts'
import { plug, raiseBridge } from './network.ts'
import { type ProcessId, processId } from './process.ts'
import { requireBed } from './reason.ts'
import { allocate, type Bind, type Capabilities, type HostRecord, withHosts, writeRecord } from './record.ts'
import { leave, reap, remove } from './remove.ts'
import { booted, mountRoot, start } from './start.ts'

export type { Host } from './host.ts'
export { bedReason } from './reason.ts'
export type { Bind } from './record.ts'
export type { Result, RunOptions } from './run.ts'
export { diffSnapshots, type Snapshot } from './snapshot.ts'

export interface HostOptions {
  /** What the host calls itself; `h-<n>` unless given. */
  name?: string
  capabilities?: Capabilities
  /** Beside node and the checkout, which every host has. */
  binds?: Bind[]
}

/** Some hosts that know each other by name, and no others. */
export interface Bed {
  /** A host that has booted, in about half a second. */
  host(options?: HostOptions): Promise<Host>
  /** Takes all its hosts away. */
  close(): Promise<void>
}

/** The part of a tap test that the bed needs. */
interface Test {
  teardown(end: () => Promise<void>): unknown
}

let opened = 0

/**
 * A bed for a test, closed when the test ends.
 *
 * Its hosts power off when this process dies in whatever way, and the next bed to open tidies up after them.
 */
export async function openBed(t?: Test): Promise<Bed> {
  requireBed()
  await reap()
  const owner = processId(process.pid)
  const id = `${process.pid}-${owner?.start}-${opened++}`
  const hosts = new Map<string, Host>()
  const bed: Bed = {
    host: async (options) => {
      const host = await makeHost(id, owner, options)
      hosts.set(host.id, host)
      return host
    },
    close: async () => {
      const ids = [...hosts.keys()]
      hosts.clear()
      await Promise.all(ids.map(remove))
      await leave()
    },
  }
  t?.teardown(() => bed.close())
  return bed
}

/** A host in a bed; without an owner it stays until it is taken down. */
export async function makeHost(
  bed: string,
  owner: ProcessId | null,
  options: HostOptions = {},
): Promise<Host> {
  const { root, hashes } = await base((line) => process.stderr.write(`bed: ${line}\n`))
  const { capabilities = null, binds = [], ...name } = options
  const wanted = {
    ...name,
    bed,
    owner,
    capabilities,
    binds,
    supervisor: null,
    base: root,
    baseHashes: hashes,
  }
  const record = await withHosts(async () => {
    await raiseBridge()
    return allocate(wanted)
  })
  try {
    return await boot(record)
  } catch (error) {
    await remove(record.id)
    throw error
  }
}

async function boot(record: HostRecord): Promise<Host> {
  await plug(record.index)
  await mountRoot(record)
  await introduce(record.bed)
  const supervisor = start(record)
  writeRecord({ ...record, supervisor })
  await booted(record.id, supervisor)
  return hostOf({ ...record, supervisor })
}

import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lowerBridge, namespaceOf, unplug } from './network.ts'
import { cgroupsOf } from './places.ts'
import { directoryOf, hostIds, isOrphan, rootOf, withHosts } from './record.ts'
import { must, run } from './run.ts'
import { walk } from './tree.ts'
import { waitFor } from './wait.ts'

const KILL_TIMEOUT_MS = 10_000

/**
 * Takes a host away with all it left on the machine, from whatever point its making had come to.
 *
 * It is killed, not powered off: nothing of it is kept.
 */
export async function remove(id: string): Promise<void> {
  await killAll(id)
  await unmount(rootOf(id))
  const index = Number(id.replace('h-', ''))
  await unplug(index)
  for (const cgroup of cgroupsOf(id)) removeCgroup(cgroup)
  // nspawn tidies this up by itself only when it wasn't killed.
  rmSync(join('/run/systemd/nspawn/propagate', namespaceOf(index)), { recursive: true, force: true })
  for (const part of ['upper', 'work', 'root'])
    rmSync(join(directoryOf(id), part), { recursive: true, force: true })
  // Last and at once: without its record it is anyone's to remove, and then its id is free.
  rmSync(directoryOf(id), { recursive: true, force: true })
}

/** Takes away the hosts whose owner is gone. */
export async function reap(): Promise<void> {
  if (!hostIds().some(isOrphan)) return
  await withHosts(async () => {
    await Promise.all(hostIds().filter(isOrphan).map(remove))
  })
  await leave()
}

/** Leaves the machine as it was, if no host is left. */
export async function leave(): Promise<void> {
  await withHosts(async () => {
    if (hostIds().length > 0) return
    await lowerBridge()
    for (const cgroup of cgroupsOf('.')) removeCgroup(cgroup)
  })
}

/** Everything in the host's cgroup: nspawn, systemd and what we ran in it. */
async function killAll(id: string): Promise<void> {
  const [cgroup] = cgroupsOf(id)
  if (cgroup === undefined || !existsSync(cgroup)) return
  writeFileSync(join(cgroup, 'cgroup.kill'), '1')
  const empty = () =>
    readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 0') ? true : null
  const gone = await waitFor(empty, { timeoutMs: KILL_TIMEOUT_MS, everyMs: 5 })
  if (gone === null)
    throw new Error(`host ${id} still has processes ${KILL_TIMEOUT_MS} ms after they were killed`)
}

async function unmount(root: string): Promise<void> {
  const mounted = () => readFileSync('/proc/self/mounts', 'utf8').includes(` ${root} `)
  if (!mounted()) return
  const { code } = await run(['umount', root])
  // Someone looks into it from outside; it goes when they leave.
  if (code !== 0 && mounted()) await must(['umount', '--lazy', root])
}

function removeCgroup(cgroup: string): void {
  if (!existsSync(cgroup)) return
  const below = [...walk(cgroup)].filter(([, stats]) => stats.isDirectory()).map(([path]) => path)
  for (const path of below.sort().reverse()) rmdirSync(join(cgroup, path))
  rmdirSync(cgroup)
}

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Facts, HardwareFacts } from '../lib/facts.ts'
import { readFacts } from './facts.ts'
import { readJson, writeJson } from './records.ts'

/**
 * Where facts come from. What /proc, /etc and the kernel's tables say in one reading (names, release, kernel, memory,
 * addresses, routes, which container this is) is read by `facts.ts`: systeminformation starts some thirty programs
 * for the same. What has to be gathered from DMI, lscpu, lsblk, df and sysfs (the machine, its board and firmware,
 * cores and sockets, disks, file systems, kinds of interfaces) is systeminformation's, and asked for only when the
 * machine is another one than last time.
 */

/** All facts. Those of the hardware are kept in the state folder, where that can be written. */
export async function readAllFacts(stateDir: string): Promise<Facts> {
  return { ...readFacts(), hardware: await readHardware(stateDir) }
}

type Kept = { readonly signature: string; readonly hardware: HardwareFacts }

async function readHardware(stateDir: string): Promise<HardwareFacts> {
  const file = join(stateDir, 'hardware')
  const signature = signatureOf()
  const kept = readJson<Kept>(file)
  if (kept?.signature === signature) return kept.hardware
  const hardware = await gather()
  try {
    writeJson(file, { signature, hardware })
  } catch {
    // Nobody's but the administrator's to write; it is gathered again next time.
  }
  return hardware
}

/** Another one after a boot, and when a disk, a mount or an interface comes or goes. */
function signatureOf(): string {
  const digest = createHash('sha256').update('1\n')
  for (const path of ['/proc/sys/kernel/random/boot_id', '/proc/partitions']) digest.update(text(path))
  const mounts = text('/proc/self/mounts')
    .split('\n')
    .filter((line) => line.startsWith('/dev/'))
    .map((line) => line.split(' ').slice(0, 3).join(' '))
  for (const one of [...mounts, ...names('/sys/class/net')]) digest.update(`${one}\n`)
  return digest.digest('hex')
}

/** In a thread of its own, which takes the library's memory with it when it ends. */
async function gather(): Promise<HardwareFacts> {
  const worker = new Worker(new URL('./hardware-worker.js', import.meta.url))
  try {
    const [hardware] = await once(worker, 'message')
    return hardware
  } finally {
    await worker.terminate()
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

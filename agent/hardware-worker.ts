import { parentPort } from 'node:worker_threads'
import type { HardwareFacts } from '../lib/facts.ts'

/** Asks systeminformation for what `hardware.ts` wants to know, says it, and ends. */

type Gathered = typeof import('systeminformation')

// Facts are data from a host that may lie: each is bounded.
const MAX_FACT_CHARACTERS = 256
const MAX_ENTRIES = 64
// A file system of a server that is gone answers `df` never.
const GATHER_TIMEOUT_MS = 15_000
const MB = 1024 * 1024
// What is mounted for the while, or seen a second time.
const PASSING = /^(overlay|squashfs|tmpfs|devtmpfs|ramfs|aufs|fuse\..*)$/

async function gather(): Promise<HardwareFacts> {
  const { default: si } = (await import('systeminformation')) as unknown as { default: Gathered }
  const ask = <T>(answer: Promise<T>, none: T): Promise<T> =>
    within(
      answer.catch(() => none),
      none,
    )
  const [system, board, bios, chassis, cpu, devices, sizes, interfaces] = await Promise.all([
    ask(si.system(), null),
    ask(si.baseboard(), null),
    ask(si.bios(), null),
    ask(si.chassis(), null),
    ask(si.cpu(), null),
    ask(si.blockDevices(), []),
    ask(si.fsSize(), []),
    ask(si.networkInterfaces(), []),
  ])
  const disks = devices.filter(({ type, size }) => type === 'disk' && size > 0)
  const filesystems = sizes.filter(({ type }) => !PASSING.test(type))
  return {
    manufacturer: fact(system?.manufacturer),
    model: fact(system?.model),
    serial: fact(system?.serial),
    uuid: fact(system?.uuid),
    chassis: fact(chassis?.type),
    board: { manufacturer: fact(board?.manufacturer), model: fact(board?.model) },
    firmware: { vendor: fact(bios?.vendor), version: fact(bios?.version) },
    cpu: {
      manufacturer: fact(cpu?.manufacturer),
      cores: cpu?.physicalCores ?? 0,
      sockets: cpu?.processors ?? 0,
    },
    disks: keyed(disks, ({ name, size, physical, model, removable }) => [
      name,
      { size_mb: Math.floor(size / MB), kind: fact(physical).toLowerCase(), model: fact(model), removable },
    ]),
    filesystems: keyed(filesystems, ({ mount, fs, type, size }) => [
      mount,
      { device: fact(fs), type: fact(type), size_mb: Math.floor(size / MB) },
    ]),
    interfaces: keyed([interfaces].flat(), ({ iface, type, virtual }) => [
      iface,
      { kind: virtual ? 'virtual' : fact(type) },
    ]),
  }
}

/** In the order of their names, so that the same machine gives the same facts. */
function keyed<T, V>(
  list: readonly T[],
  entry: (one: T) => readonly [string, V],
): Readonly<Record<string, V>> {
  const entries = list.map(entry).map(([key, value]) => [fact(key), value] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_ENTRIES))
}

/** One line of readable text. Firmware says `-` and the like where it knows nothing. */
function fact(raw: string | null | undefined): string {
  const line = (raw ?? '').replace(/\p{Cc}/gu, ' ').trim()
  return line === '-' ? '' : line.slice(0, MAX_FACT_CHARACTERS)
}

async function within<T>(answer: Promise<T>, none: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, GATHER_TIMEOUT_MS, none)
  })
  const first = await Promise.race([answer, late])
  clearTimeout(timer)
  return first
}

parentPort?.postMessage(await gather())

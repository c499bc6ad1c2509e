import { spawn } from 'node:child_process'
import { closeSync, existsSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Blobs, Catalog } from '../../lib/catalog.ts'
import { Failure, type FailureCode } from '../../lib/failure.ts'
import {
  MAX_REHEARSAL_BYTES,
  MIN_REHEARSAL_BYTES,
  QUERY_TIMEOUT_MS,
  REHEARSAL_TIMEOUT_MS,
} from '../../lib/limits.ts'
import type { Pause } from '../../lib/outcome.ts'
import { PATH } from '../../lib/programs.ts'
import type { Rehearsal } from '../../lib/rehearsal.ts'
import type { AnyState, ResourceId } from '../../lib/state.ts'
import { run1 } from '../exec.ts'
import type { LiveHost } from '../host.ts'
import { lockFile } from '../lock-file.ts'
import type { RunEvent } from '../pass.ts'
import type { Sealed } from '../secrets.ts'
import { readFrames, writeFrame } from './frames.ts'
import { NESTING } from './stage.ts'
import type { Known } from './units.ts'

/** What is rehearsed, and who hears of it. */
export type Wanted = {
  readonly catalog: Catalog
  readonly blobs: Blobs
  /** Its secrets, as the master sent them. */
  readonly sealed: readonly Sealed[]
  readonly states: ReadonlyMap<string, AnyState>
  readonly stateDir: string
  /** Resources that are left alone. */
  readonly paused?: ReadonlyMap<ResourceId, Pause>
  /** The host as it is, which is only asked. */
  readonly host: LiveHost
  readonly tell: (event: RunEvent) => void
  readonly waiting: (what: string) => void
  /** Ends it at once: there is nothing to bring to an end. */
  readonly signal: AbortSignal
}

/** What the process in the copy is handed before the content. */
export type Opening = {
  readonly catalog: Catalog
  readonly digests: readonly string[]
  readonly sealed: readonly Sealed[]
  readonly stateDir: string
  readonly paused: ReadonlyMap<ResourceId, Pause>
  readonly known: Known
  /** Units that run. */
  readonly active: readonly string[]
  readonly maxBytes: number
}
export type Content = { readonly digest: string; readonly bytes: Uint8Array }

/** What it says. All of it is as others may see it. */
export type Said =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'waiting'; readonly what: string }
  | { readonly kind: 'end'; readonly rehearsal: Rehearsal }
  | {
      readonly kind: 'failure'
      readonly code: FailureCode
      readonly message: string
      readonly about: string | undefined
      readonly hint: string | undefined
    }

const LOCK = '/run/drover-rehearsal.lock'
const PROCESS = fileURLToPath(new URL('./rehearsal-process.js', import.meta.url))
const NAMESPACES = [
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--ipc',
  '--uts',
  '--propagation',
  'private',
]

/**
 * Applies a catalog to a copy of this host that nobody else sees, and says what came of it; the host is not touched.
 *
 * One at a time on a host; who calls it sees to it that no run changes the host meanwhile. Throws `denied` where copies can't be made, `exhausted` where memory is short, `timeout`
 * after `REHEARSAL_TIMEOUT_MS`. The copy ends with this process, however that ends.
 */
export async function rehearse(wanted: Wanted): Promise<Rehearsal> {
  if (process.getuid?.() !== 0)
    throw new Failure('denied', 'only root can make a copy of this host', { hint: 'run it as root' })
  const lock = lockFile(LOCK)
  if (lock === null)
    throw new Failure('unavailable', 'another rehearsal is under way on this host', {
      about: LOCK,
      hint: 'wait until it has ended',
    })
  try {
    return await inCopy(wanted, await openingOf(wanted))
  } finally {
    closeSync(lock)
  }
}

async function openingOf({
  paused = new Map(),
  catalog,
  blobs,
  sealed,
  states,
  stateDir,
  host,
}: Wanted): Promise<Opening> {
  const maxBytes = roomOf(readFileSync('/proc/meminfo', 'utf8'))
  const names = catalog.resources.flatMap(({ type, name, props }) =>
    (states.get(type)?.watches?.(name, props) ?? []).flatMap((watch) =>
      'unit' in watch ? [watch.unit] : [],
    ),
  )
  const units = await Promise.all(
    [...new Set(names)].map(async (name) => [name, Object.fromEntries(await host.unit(name))] as const),
  )
  const digests = [...blobs.keys()]
  const active = await activeUnits()
  return { catalog, digests, sealed, stateDir, paused, known: Object.fromEntries(units), active, maxBytes }
}

/** Half of the memory that is available, within bounds. */
function roomOf(meminfo: string): number {
  const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024
  const room = Math.min(Math.floor(available / 2), MAX_REHEARSAL_BYTES)
  if (room >= MIN_REHEARSAL_BYTES) return room
  throw new Failure(
    'exhausted',
    `there is no room for a copy: ${megabytes(available)} of memory are available`,
    {
      hint: `a rehearsal takes half of that, and no less than ${megabytes(MIN_REHEARSAL_BYTES)}`,
    },
  )
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`

async function activeUnits(): Promise<string[]> {
  const how = ['--all', '--plain', '--no-legend', '--no-pager', '--state=active,activating,reloading']
  const { stdout } = await run1(['systemctl', 'list-units', ...how], { timeoutMs: QUERY_TIMEOUT_MS })
  const names = stdout.split('\n').map((line) => line.trim().split(' ')[0] ?? '')
  return names.filter((name) => name !== '' && !name.includes('/'))
}

async function inCopy(wanted: Wanted, opening: Opening): Promise<Rehearsal> {
  const { signal, blobs, tell, waiting } = wanted
  const [program = '', ...args] = [...scope(), 'unshare', ...NAMESPACES, '--', process.execPath, PROCESS]
  const child = spawn(program, args, { cwd: '/', env: { PATH, LC_ALL: 'C', HOME: '/root' }, detached: true })
  const ended = new Promise<void>((resolve) =>
    child.on('error', () => resolve()).on('close', () => resolve()),
  )
  child.stdin.on('error', () => undefined)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = `${stderr}${text}`.slice(-MAX_SAID_CHARACTERS)
  })
  const kill = () => child.kill('SIGKILL')
  const timer = setTimeout(kill, REHEARSAL_TIMEOUT_MS)
  signal.addEventListener('abort', kill, { once: true })
  const started = performance.now()
  try {
    if (signal.aborted) kill()
    void hand(child.stdin, opening, blobs)
    for await (const said of readFrames(child.stdout) as AsyncGenerator<Said>) {
      if (said.kind === 'event') tell(said.event)
      else if (said.kind === 'waiting') waiting(said.what)
      else if (said.kind === 'failure') throw new Failure(said.code, said.message, wordsOf(said))
      else return said.rehearsal
    }
    await ended
    if (signal.aborted) throw new Failure('unavailable', 'the rehearsal was ended before its end')
    throw nothingSaid(stderr.trim(), performance.now() - started)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
    // The first of its processes takes all others with it, and the mounts go with the last.
    kill()
    await ended
  }
}

const MAX_SAID_CHARACTERS = 1000

/** In a cgroup of its own: what the copy takes is nobody else's memory. */
function scope(): string[] {
  if (!existsSync('/run/systemd/system')) return []
  const unit = `drover-rehearsal-${process.pid}-${Date.now()}.scope`
  return ['systemd-run', '--scope', '--quiet', '--collect', `--unit=${unit}`, '--']
}

/** The pipe stays open: the copy ends when it does. */
async function hand(stdin: Writable, opening: Opening, blobs: Blobs): Promise<void> {
  await writeFrame(stdin, opening)
  for (const [digest, bytes] of blobs) await writeFrame(stdin, { digest, bytes } satisfies Content)
}

const wordsOf = ({ about, hint }: { about: string | undefined; hint: string | undefined }) => ({
  ...(about !== undefined && { about }),
  ...(hint !== undefined && { hint }),
})

function nothingSaid(stderr: string, ms: number): Failure {
  if (ms >= REHEARSAL_TIMEOUT_MS)
    return new Failure('timeout', `the rehearsal was ended after ${Math.round(ms / 1000)} s`, {
      hint: 'what takes so long is the last that its progress names; give that resource a "timeout"',
    })
  if (/^unshare: /m.test(stderr))
    return new Failure('denied', `a copy of this host can't be made: ${stderr}`, { hint: NESTING })
  return new Failure('internal', `the rehearsal ended without a word: ${stderr || 'it was killed'}`, {
    hint: 'is there memory enough? see "journalctl -k"',
  })
}

import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure, type FailureCode } from '../lib/failure.ts'
import type { Argv, Ended } from '../lib/host.ts'
import { MAX_OUTPUT_BYTES } from '../lib/limits.ts'
import { PATH, programPlaces } from '../lib/programs.ts'

/** Nothing of the caller's environment reaches a command: it would make runs differ from host to host. */
const ENVIRONMENT = {
  PATH,
  LC_ALL: 'C',
  HOME: '/root',
}

// A command that ignores TERM is killed this much later.
const GRACE_MS = 2000

export type How = {
  /** Milliseconds until the whole process group is ended. */
  readonly timeoutMs: number
  readonly cwd?: string | null
  readonly env?: Readonly<Record<string, string>>
  /** Whom to run as, with that user's groups and home. */
  readonly user?: { readonly name: string; readonly gid: number; readonly home: string } | null
  readonly stdin?: string | null
  /** As nobody, who may read all files and write none. */
  readonly reader?: boolean
  /** In a cgroup of its own where systemd runs, so that what a command leaves behind ends with it. */
  readonly scope?: boolean
  /** Fetches something, which a rehearsal lets nobody else do. */
  readonly fetches?: boolean
  readonly signal?: AbortSignal | undefined
  /** How much of each output is kept, from its end. Default `MAX_OUTPUT_BYTES`. */
  readonly keepBytes?: number
}

let scopes = 0

type Confinement = { readonly usual: readonly string[]; readonly fetching: readonly string[] }
let confinement: Confinement | null = null

/** What stands before every command of this process from now on, for a rehearsal: it ends with the process. */
export function confine(words: Confinement): void {
  confinement = words
}

/** Runs commands that feed each other and waits for all. Never throws for how a command ends. */
export async function run(pipe: readonly [Argv, ...Argv[]], how: How): Promise<Ended[]> {
  const absent = pipe.find(([program]) => !isProgram(program, how))
  if (absent)
    return [{ ...NOT_RUN, argv: absent, code: 127, missing: true, stderr: `${absent[0]}: no such program` }]

  const started = performance.now()
  const links = pipesOf(pipe.length - 1)
  const stages = pipe.map((argv, i) =>
    start(argv, how, [links[i - 1]?.read ?? 'pipe', links[i]?.write ?? 'pipe', 'pipe']),
  )
  for (const fd of links.flatMap(({ read, write }) => [read, write])) closeSync(fd)
  const first = stages[0]?.child.stdin
  first?.on('error', () => undefined)
  first?.end(how.stdin ?? '')

  let timedOut = false
  const end = (signal: NodeJS.Signals) => {
    for (const stage of stages) kill(stage, signal)
  }
  const finish = () => {
    end('SIGKILL')
    // What has left the group may hold an output open for as long as it likes; nobody waits for that.
    for (const { child } of stages) for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  }
  let grace: NodeJS.Timeout | undefined
  const abort = () => {
    end('SIGTERM')
    grace ??= setTimeout(finish, GRACE_MS)
  }
  const expire = () => {
    timedOut = true
    abort()
  }
  const timer = setTimeout(expire, how.timeoutMs)
  how.signal?.addEventListener('abort', abort, { once: true })
  // One that was given before is told to no listener.
  if (how.signal?.aborted) abort()
  const ended = await Promise.all(stages.map((stage) => stage.ended))
  clearTimeout(timer)
  clearTimeout(grace)
  how.signal?.removeEventListener('abort', abort)
  // What a command left behind in its group would outlive its deadline.
  if (timedOut) end('SIGKILL')
  const ms = Math.round(performance.now() - started)
  return ended.map((one) => ({ ...one, ms, timedOut }))
}

/** One command. */
export async function run1(argv: Argv, how: How): Promise<Ended> {
  const [ended] = await run([argv], how)
  if (ended === undefined) throw new Error('a command ended without a result')
  return ended
}

const NOT_RUN = { code: null, signal: null, stdout: '', stderr: '', ms: 0, timedOut: false, missing: false }

type Link = { readonly read: number; readonly write: number }

/**
 * Real pipes. Node joins processes by sockets and passes every byte on itself: a writer whose reader has seen enough
 * would then die of "connection reset", which no program expects.
 */
function pipesOf(count: number): Link[] {
  if (count === 0) return []
  const folder = mkdtempSync(join(tmpdir(), 'drover-'))
  try {
    const paths = Array.from({ length: count }, (_, i) => join(folder, String(i)))
    execFileSync('mkfifo', ['--mode=600', '--', ...paths], { stdio: 'ignore' })
    return paths.map((path) => {
      // Opened both ways it waits for nobody; then neither of the others has to wait.
      const both = openSync(path, constants.O_RDWR)
      const link = { read: openSync(path, constants.O_RDONLY), write: openSync(path, constants.O_WRONLY) }
      closeSync(both)
      return link
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Stage = { child: ChildProcess; scope: string | null; ended: Promise<Ended> }

function start(argv: Argv, how: How, stdio: StdioOptions): Stage {
  const scope =
    how.scope && confinement === null && existsSync('/run/systemd/system')
      ? `drover-${process.pid}-${++scopes}.scope`
      : null
  const [program, ...args] = wrap(argv, how, scope)
  const child = spawnWithUsualUmask(program, args, {
    cwd: how.cwd ?? '/',
    env: {
      ...ENVIRONMENT,
      ...(how.user && { HOME: how.user.home, USER: how.user.name, LOGNAME: how.user.name }),
      ...how.env,
    },
    // A group of its own, so that a deadline ends what the command has started too.
    detached: true,
    stdio,
  })
  const stdout = tail(child.stdout, how.keepBytes)
  const stderr = tail(child.stderr, how.keepBytes)
  const ended = new Promise<Ended>((resolve) => {
    child.on('error', (error) => resolve({ ...NOT_RUN, argv, code: 127, stderr: error.message }))
    child.on('close', (code, signal) =>
      resolve({ ...NOT_RUN, argv, code, signal, stdout: stdout(), stderr: stderr() }),
    )
  })
  return { child, scope, ended }
}

/** Scripts of packages and of the site count on new files being readable; the agent's own are closed. */
function spawnWithUsualUmask(...how: Parameters<typeof spawn>): ChildProcess {
  const own = process.umask(0o022)
  try {
    return spawn(...how)
  } finally {
    process.umask(own)
  }
}

// Any file can be read so, and none be written.
const READER: readonly string[] = [
  ...['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'],
  ...['--inh-caps=-all,+dac_read_search', '--ambient-caps=-all,+dac_read_search', '--'],
]
const DAC_READ_SEARCH = 1n << 2n

/** Whether this process may hand on the right to read all files, which containers often lack. */
export function canLendReading(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8')
  const has = (set: string) =>
    (BigInt(`0x${new RegExp(`^${set}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? 0}`) & DAC_READ_SEARCH) !== 0n
  return process.getuid?.() === 0 && has('CapEff') && has('CapBnd')
}

function wrap(argv: Argv, { user, reader, fetches }: How, scope: string | null): Argv {
  const scoped: readonly string[] = scope
    ? ['systemd-run', '--scope', '--quiet', '--collect', `--unit=${scope}`, '--']
    : []
  const as: readonly string[] = user
    ? ['setpriv', `--reuid=${user.name}`, `--regid=${user.gid}`, '--init-groups', '--']
    : []
  const confined = (fetches ? confinement?.fetching : confinement?.usual) ?? []
  return [...scoped, ...confined, ...(reader ? READER : []), ...as, ...argv] as unknown as Argv
}

function kill({ child, scope }: Stage, signal: NodeJS.Signals): void {
  if (scope) {
    const argv = ['kill', '--kill-whom=all', `--signal=${signal}`, '--', scope]
    // Whatever comes of it: the process group is ended below, and the deadline is told of either way.
    spawn('systemctl', argv, { stdio: 'ignore' }).on('error', () => undefined)
  }
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // The group is gone: it ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Keeps the last bytes of a stream: what a command says before it dies matters most. */
function tail(stream: NodeJS.ReadableStream | null, keepBytes = MAX_OUTPUT_BYTES): () => string {
  let kept: Buffer[] = []
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    kept.push(chunk)
    bytes += chunk.length
    if (bytes > 2 * keepBytes) {
      kept = [Buffer.concat(kept).subarray(-keepBytes)]
      bytes = keepBytes
    }
  })
  return () => Buffer.concat(kept).subarray(-keepBytes).toString('utf8')
}

function isProgram(program: string, { cwd, env }: How): boolean {
  return programPlaces(program, cwd ?? '/', env?.PATH).some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const MAX_SAID_LINES = 6
const MAX_SAID_CHARACTERS = 1000

/** The last lines of an output, as much as a sentence bears. */
function end(output: string): string {
  const lines = output.split('\n').slice(-MAX_SAID_LINES).join('\n')
  return lines.length > MAX_SAID_CHARACTERS ? `…${lines.slice(-MAX_SAID_CHARACTERS)}` : lines
}

/** `"nginx -t" exited 1 after 34 ms: …`, for a sentence. */
export function describe({ argv, code, signal, ms, stderr, stdout, timedOut, missing }: Ended): string {
  const command = `"${argv.join(' ')}"`
  if (missing) return `${command} could not run: there is no program ${argv[0]}`
  const how = timedOut
    ? `was ended at its deadline`
    : code === null
      ? `was ended by ${signal}`
      : `exited ${code}`
  const said = end(stderr.trim() || stdout.trim())
  return `${command} ${how} after ${ms} ms${said ? `: ${said}` : ''}`
}

/** A command that did not do what it was to do. */
export class CommandFailure extends Failure {
  readonly ended: Ended

  constructor(ended: Ended, { hint, code = 'internal' }: { hint?: string; code?: FailureCode } = {}) {
    super(ended.timedOut ? 'timeout' : code, describe(ended), hint === undefined ? {} : { hint })
    this.ended = ended
  }
}

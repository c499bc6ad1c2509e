import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ENVIRONMENT } from './places.ts'

export interface RunOptions {
  stdin?: string
  /** 60 seconds unless given. */
  timeoutMs?: number
  /** Added to the bed's own environment, which is never that of the caller. */
  env?: Record<string, string>
}

export interface Result {
  /** 128 and the number of the signal, for what a signal ended. */
  code: number
  stdout: string
  stderr: string
}

const TIMEOUT_MS = 60_000
/** How long output is read on when the command itself has ended. */
const BACKGROUND_GRACE_MS = 500
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * What a command said and how it ended.
 *
 * Throws only when it could not be started, took too long or said too much; then its whole
 * process group is gone.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const { stdin = '', timeoutMs = TIMEOUT_MS, env = {} } = options
  const [command = '', ...args] = argv
  return new Promise((resolve, reject) => {
    // A group of its own, so that what nsenter started inside the host ends with it.
    const child = spawn(command, args, { env: { ...ENVIRONMENT, ...env }, detached: true, cwd: '/' })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let bytes = 0
    let failure: Error | null = null
    const stop = (why: string) => {
      const said = Buffer.concat(err).toString().slice(-2000)
      failure ??= new Error(`"${argv.join(' ')}" ${why}${said === '' ? '' : `\n${said}`}`)
      kill(child.pid)
    }
    const timer = setTimeout(() => stop(`took more than ${timeoutMs} ms`), timeoutMs)
    const keep = (list: Buffer[]) => (chunk: Buffer) => {
      list.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_OUTPUT_BYTES) stop(`printed more than ${MAX_OUTPUT_BYTES} bytes`)
    }
    child.stdout.on('data', keep(out))
    child.stderr.on('data', keep(err))
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new Error(`"${command}" could not be started: ${cause.message}`, { cause }))
    })
    child.on('exit', () => {
      clearTimeout(timer)
      // What it left running in the background may keep its output open for ever.
      setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, BACKGROUND_GRACE_MS).unref()
    })
    child.on('close', (code, signal) => {
      if (failure !== null) return reject(failure)
      resolve({
        code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      })
    })
    // A command that reads nothing may be gone before we have written.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}

/** What a command printed; throws with argv, code and stderr when it exits with anything but 0. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options)
  if (result.code !== 0) throw new Error(failed(argv, result))
  return result.stdout
}

/** A sentence on a command that failed. */
export function failed(argv: readonly string[], { code, stdout, stderr }: Result): string {
  const said = (stderr.trim() || stdout.trim()).slice(-4000)
  return `"${argv.join(' ')}" exited ${code}${said === '' ? '' : `:\n${said}`}`
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

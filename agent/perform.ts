import { mkdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Content } from '../lib/catalog.ts'
import { Failure } from '../lib/failure.ts'
import type { Argv, Ended } from '../lib/host.ts'
import { VALIDATE_TIMEOUT_MS } from '../lib/limits.ts'
import { Secret } from '../lib/secret.ts'
import { sha256 } from '../lib/sha256.ts'
import type { RunStep, Step, WriteStep } from '../lib/step.ts'
import { performApt } from './apt.ts'
import { CommandFailure, run, run1 } from './exec.ts'
import { changeMode, changeOwner, makeDirectory, makeLink, remove, write } from './files.ts'
import { type LiveHost, readRegular } from './host.ts'
import { namingReadOnly } from './mounts.ts'
import type { Recovered } from './pass.ts'
import { setAside } from './quarantine.ts'

export type Effects = {
  readonly host: LiveHost
  readonly stateDir: string
  readonly blobs: Content
  /** Is told of a directory before a file in it is begun. */
  readonly writing: (directory: string) => void
  /** Is told what a step waits for, such as the lock of dpkg. */
  readonly waiting: (what: string) => void
  readonly recovered: Recovered
  readonly signal: AbortSignal | undefined
}

/** Does one step. The only place in the product that changes a host. */
export async function perform(step: Step, timeoutMs: number | null, effects: Effects): Promise<void> {
  try {
    await perform1(step, timeoutMs, effects)
  } catch (error) {
    throw 'path' in step ? namingReadOnly(step.path, error) : error
  }
}

async function perform1(step: Step, timeoutMs: number | null, effects: Effects): Promise<void> {
  switch (step.do) {
    case 'write':
      return replace(step, effects)
    case 'mkdir':
      return makeDirectory(step.path, octal(step.mode), ids(step, effects.host))
    case 'link':
      effects.writing(posix.dirname(step.path))
      return makeLink(step.path, step.target)
    case 'chmod':
      return changeMode(step.path, octal(step.mode))
    case 'chown':
      return changeOwner(step.path, uidOf(step.owner, effects.host), gidOf(step.group, effects.host))
    case 'remove':
      return remove(step.path, step.recursive)
    case 'quarantine':
      return setAside(effects.stateDir, step)
    case 'run':
      return command(step, timeoutMs, effects)
    case 'apt':
      return performApt(step, timeoutMs, effects)
    case 'stamp': {
      const folder = join(effects.stateDir, 'stamps')
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      effects.writing(folder)
      return write(
        { path: join(folder, step.hash), bytes: Buffer.alloc(0), mode: 0o600, uid: null, gid: null },
        nothing,
      )
    }
  }
}

const nothing = async () => undefined
const octal = (mode: string) => Number.parseInt(mode, 8)

/** What a validator that is asked once has accepted at each path, by a digest. */
const accepted = new Map<string, string>()

async function replace(step: WriteStep, effects: Effects): Promise<void> {
  const bytes = bytesOf(step, effects.blobs)
  const digest = step.validateOnce ? sha256(`${step.validate} ${sha256(bytes)}`) : null
  const isKnown = digest !== null && accepted.get(step.path) === digest
  await swap(isKnown ? { ...step, validate: null } : step, bytes, effects)
  if (digest !== null) accepted.set(step.path, digest)
}

async function swap(step: WriteStep, bytes: Buffer, effects: Effects): Promise<void> {
  const { path, validate } = step
  const owner = { uid: uidOf(step.owner, effects.host), gid: gidOf(step.group, effects.host) }
  const mode = step.mode === null ? null : octal(step.mode)
  const old =
    step.backup === null && (validate === null || takesFile(validate)) ? null : await keep(path, effects.host)
  if (step.backup !== null && old !== null) {
    effects.writing(posix.dirname(step.backup))
    await write({ ...old, path: step.backup }, nothing)
  }
  effects.writing(posix.dirname(path))
  if (validate === null) return write({ path, bytes, mode, ...owner }, nothing)
  if (takesFile(validate)) return write({ path, bytes, mode, ...owner }, (fresh) => accept(validate, fresh))

  await write({ path, bytes, mode, ...owner }, nothing)
  try {
    await accept(validate, path)
  } catch (error) {
    if (old === null) remove(path, false)
    else await write(old, nothing)
    throw error
  }
}

const takesFile = (validate: Argv) => validate.some((word) => word.includes('%s'))

async function accept(validate: Argv, path: string): Promise<void> {
  const argv = validate.map((word) => word.replaceAll('%s', path)) as unknown as Argv
  const ended = await run1(argv, { timeoutMs: VALIDATE_TIMEOUT_MS })
  if (ended.code !== 0) throw new CommandFailure(ended, { hint: 'the old file is in place, unchanged' })
}

const MAX_KEPT_BYTES = 64 * 1024 * 1024

/** The file as it is, to be put back. */
async function keep(path: string, host: LiveHost) {
  const stat = await host.stat(path)
  const bytes = stat?.kind === 'file' ? readRegular(path, MAX_KEPT_BYTES) : null
  if (stat === null || bytes === null) return null
  return { path, bytes, mode: octal(stat.mode), uid: uidOf(stat.owner, host), gid: gidOf(stat.group, host) }
}

function bytesOf({ path, content }: WriteStep, blobs: Content): Buffer {
  if ('text' in content) return Buffer.from(content.text)
  const bytes = blobs.get(content.sha256)
  if (bytes === undefined) throw new Error(`the catalog holds no bytes for ${path}: ${content.sha256}`)
  return bytes
}

async function command(step: RunStep, timeoutMs: number | null, { host, signal }: Effects): Promise<void> {
  const user = step.user === null ? null : host.accounts().users.get(step.user)
  if (user === undefined) throw new Failure('not-found', `user "${step.user}" is unknown on this host`)
  const ended = await run(step.pipe, {
    timeoutMs: timeoutMs ?? step.timeoutMs,
    cwd: step.cwd,
    env: step.env,
    user,
    stdin: step.stdin instanceof Secret ? step.stdin.reveal() : step.stdin,
    scope: step.scope,
    signal,
  })
  const failed = ended.find((one, i) => !isAccepted(one, i === step.pipe.length - 1 ? step.exitCodes : [0]))
  if (failed) throw new CommandFailure(failed)
}

// A reader that has seen enough ends the one that feeds it; that is no failure of either.
const isAccepted = ({ code, signal, missing, timedOut }: Ended, exitCodes: readonly number[]) =>
  !missing && !timedOut && (code === null ? signal === 'SIGPIPE' : exitCodes.includes(code))

function ids(
  { owner, group }: { owner: string; group: string },
  host: LiveHost,
): { uid: number; gid: number } {
  return { uid: uidOf(owner, host) ?? 0, gid: gidOf(group, host) ?? 0 }
}

function uidOf(owner: string | null, host: LiveHost): number | null {
  if (owner === null) return null
  return number(owner, host.accounts().users.get(owner)?.uid, 'user')
}

function gidOf(group: string | null, host: LiveHost): number | null {
  if (group === null) return null
  return number(group, host.accounts().groups.get(group)?.gid, 'group')
}

function number(name: string, found: number | undefined, kind: string): number {
  if (found !== undefined) return found
  if (/^\d+$/.test(name)) return Number(name)
  throw new Failure('not-found', `${kind} "${name}" is unknown on this host`, {
    hint: `declare ${kind}:${name} in the role`,
  })
}

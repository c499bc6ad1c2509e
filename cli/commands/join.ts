import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join as joinPath, resolve } from 'node:path'
import type { AgentIdentity } from '../../agent/identity.ts'
import { joinMaster } from '../../agent/join.ts'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { type JoinString, parseJoinString } from '../../lib/join-string.ts'
import {
  type CommonOptions,
  type Context,
  type Form,
  formOf,
  OUTPUT_VERSION,
  type OutputOptions,
} from '../context.ts'
import { EXIT } from '../exit.ts'
import { printValue } from '../machine.ts'
import { operatorDir } from '../master-place.ts'
import { ownPath } from '../own-path.ts'
import type { Print } from '../print.ts'
import { timeOf } from '../time-text.ts'
import { readHidden } from '../typed.ts'

export type JoinOptions = CommonOptions &
  OutputOptions & { readonly tokenFile?: string; readonly state: string }

/** `drover join`: makes this machine a host of a master, or its user an operator. */
export async function join(context: Context, options: JoinOptions): Promise<number> {
  // The keys that are made here are nobody else's.
  process.umask(0o077)
  ownPath(options.state)
  const { print } = context
  const token = parseJoinString(await readToken(context, options.tokenFile))
  const dir = token.kind === 'host' ? joinPath(resolve(options.state), 'identity') : operatorDir(context.env)
  makePrivate(ownPath(dir))
  const identity = await joinMaster(token, { dir, tell: (line) => print.err([[['dim', line]]]) })
  await printJoined(print, formOf(options), token.kind, dir, identity)
  return EXIT.done
}

async function printJoined(
  print: Print,
  form: Form,
  kind: JoinString['kind'],
  dir: string,
  { name, addresses, expiresAt }: AgentIdentity,
): Promise<void> {
  if (form !== 'table') {
    const joined = { kind, name, dir, addresses, certificateExpiresAt: timeOf(expiresAt) }
    return printValue(print, form, { version: OUTPUT_VERSION, joined })
  }
  print.out([[`joined ${addresses.join(', ')} as `, ['bold', name]]])
  const next = kind === 'host' ? 'systemctl enable --now drover-agent' : 'drover hosts'
  print.err([[['dim', 'next: '], next]])
}

async function readToken(context: Context, file: string | undefined): Promise<string> {
  if (file !== undefined && file !== '-') return readPrivate(file)
  const otherwise = 'pipe the join string in, or name a file with --token-file'
  return (await readHidden(context, { question: 'Join string: ', otherwise })).toString('utf8')
}

/** A file that others can read has given the invitation away already. */
function readPrivate(path: string): string {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    throw new Failure('not-found', `the join string can't be read: ${reasonOf(error)}`, { about: path })
  }
  try {
    if ((fstatSync(fd).mode & 0o077) !== 0) {
      const hint = `chmod 600 ${path}; and if others use this machine, ask for a new invitation`
      throw new Failure('denied', 'others can read this file', { about: path, hint })
    }
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function makePrivate(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    throw new Failure('denied', 'only root may let this machine join', { about: dir, hint: 'use sudo' })
  }
}

import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Loaded before a program by `node --import`, it kills the program just before its nth effect: a system call that
 * changes a file or folder, a command that it starts, or has just started.
 *
 * `KILL_AT` says which, 0 for none; `KILL_LOG` is a file that gets a line for a kill, or for an end how many effects
 * there were.
 */
const FILES = [
  ...['openSync', 'writeSync', 'writeFileSync', 'fsyncSync', 'fdatasyncSync', 'ftruncateSync', 'renameSync'],
  ...['unlinkSync', 'rmSync', 'rmdirSync', 'mkdirSync', 'symlinkSync', 'linkSync', 'utimesSync'],
  ...['chownSync', 'fchownSync', 'chmodSync', 'fchmodSync'],
] as const
const COMMANDS = ['spawn', 'execFile', 'execFileSync', 'spawnSync'] as const
const READS = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT

const at = Number(process.env.KILL_AT ?? 0)
const log = process.env.KILL_LOG ?? '/dev/null'
const { appendFileSync } = fs
let effects = 0

function effect(name: string, about: unknown): void {
  effects += 1
  if (effects !== at) return
  appendFileSync(log, `killed at ${effects}, ${name} ${String(about)}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const changes = (name: string, [, flags]: readonly unknown[]) =>
  name !== 'openSync' || (typeof flags === 'number' ? (flags & READS) !== 0 : flags !== 'r')

type Calls = Record<string, (...args: unknown[]) => unknown>

function count(
  module: object,
  names: readonly string[],
  before: (name: string, args: unknown[]) => boolean,
  twice: boolean,
): void {
  const calls = module as Calls
  for (const name of names) {
    const real = calls[name]
    if (real === undefined) throw new Error(`there is no ${name}`)
    calls[name] = (...args) => {
      if (before(name, args)) effect(name, args[0])
      const result = real(...args)
      if (twice) effect(`${name}, begun:`, args[0])
      return result
    }
  }
}

count(fs, FILES, changes, false)
count(childProcess, COMMANDS, () => true, true)
syncBuiltinESMExports()
process.once('exit', () => appendFileSync(log, `ended after ${effects}\n`))

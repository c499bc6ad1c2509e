import type { AptAction, AptStep, RunStep, Step, WriteStep } from '../lib/step.ts'
import { quoteArgv, quoteWord } from './escape.ts'
import type { Line } from './print.ts'
import { durationText } from './value-text.ts'

/** What a step does beyond what the changed fields say: commands, packages, checks, what is lost. */
export function notesOf(step: Step): Line[] {
  switch (step.do) {
    case 'write':
      return writeNotes(step)
    case 'run':
      return runLines(step)
    case 'apt':
      return aptLines(step)
    case 'quarantine':
      return [[`moves ${step.path} to the quarantine, where it is kept for 30 days`]]
    case 'remove':
      return step.recursive ? [[`removes ${step.path} with all that is in it`]] : []
    default:
      return []
  }
}

/** One step in full. */
export function stepLines(step: Step): Line[] {
  switch (step.do) {
    case 'write':
      return [[writeText(step)], ...writeNotes(step)]
    case 'mkdir':
      return [[`make directory ${step.path}, mode ${step.mode}, owner ${step.owner}:${step.group}`]]
    case 'link':
      return [[`link ${step.path} -> ${step.target}`]]
    case 'chmod':
      return [[`set the mode of ${step.path} to ${step.mode}`]]
    case 'chown':
      return [[`give ${step.path} to ${[step.owner, step.group].filter((name) => name !== null).join(':')}`]]
    case 'remove':
      return [[`remove ${step.path}${step.recursive ? ' with all that is in it' : ''}`]]
    case 'stamp':
      return [['remember that it was run']]
    case 'quarantine':
    case 'run':
    case 'apt':
      return notesOf(step)
    default:
      return [[JSON.stringify(step)]]
  }
}

/** A step in a few words, while it is under way. */
export function stepWord(step: Step): string {
  if (step.do === 'run') return step.pipe.map((argv) => quoteArgv(argv)).join(' | ')
  return step.do === 'apt' ? 'apt-get' : step.do
}

function writeText({ path, content, mode, owner, group }: WriteStep): string {
  const kept = [mode === null && 'mode', owner === null && 'owner', group === null && 'group'].filter(Boolean)
  return [
    `write ${path}`,
    'text' in content ? `${Buffer.byteLength(content.text)} bytes` : `content ${content.sha256.slice(0, 12)}`,
    ...(mode === null ? [] : [`mode ${mode}`]),
    ...(owner === null ? [] : [`owner ${owner}`]),
    ...(group === null ? [] : [`group ${group}`]),
    ...(kept.length > 0 ? [`${kept.join(', ')} as it is`] : []),
  ].join(', ')
}

function writeNotes({ validate, backup }: WriteStep): Line[] {
  const lines: Line[] = []
  if (validate !== null) {
    const first = validate.some((word) => word.includes('%s'))
    const when = first
      ? 'must be accepted first by'
      : 'must be accepted afterwards, or the old file comes back:'
    lines.push([['dim', `${when} `], quoteArgv(validate)])
  }
  if (backup !== null) lines.push([['dim', `the old file is kept as ${backup}`]])
  return lines
}

function runLines({ pipe, cwd, env, user, stdin, timeoutMs }: RunStep): Line[] {
  const set = Object.entries(env).map(([key, value]) => `${key}=${quoteWord(value)} `)
  const how = [
    ...(user === null ? [] : [`as ${user}`]),
    ...(cwd === null ? [] : [`in ${cwd}`]),
    ...(stdin === null ? [] : [`${stdinText(stdin)} on its standard input`]),
    ...(timeoutMs >= LONG_MS ? [`at most ${durationText(timeoutMs)}`] : []),
  ]
  const command = `$ ${set.join('')}${pipe.map((argv) => quoteArgv(argv)).join(' | ')}`
  return [how.length === 0 ? [command] : [command, ['dim', `   ${how.join(', ')}`]]]
}

// A deadline that is worth a word; the usual ones are not.
const LONG_MS = 20 * 60_000

const STYLES = {
  install: 'add',
  upgrade: 'change',
  configure: 'change',
  downgrade: 'remove',
  remove: 'remove',
  purge: 'remove',
} as const

function aptLines(step: AptStep): Line[] {
  const { refresh, transaction } = step
  const head: Line = [aptHead(step), ['dim', refresh ? ' (the index is fetched first)' : '']]
  if (transaction === null) {
    const why = refresh
      ? 'what apt does is known once the index is fetched'
      : 'what apt does is not known yet'
    return [head, [['unknown', `  ${why}`]]]
  }
  const width = Math.max(0, ...transaction.map(({ name }) => name.length))
  return [head, ...transaction.map((action): Line => [[STYLES[action.action], aptText(action, width)]])]
}

/** What is asked of apt; what it does beyond that is its transaction. */
function aptHead({
  install,
  remove,
  purge,
  manual,
  hold,
  unhold,
  recommends,
  reinstall,
  transaction,
  ...may
}: AptStep): string {
  const words = (word: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${word} ${names.join(' ')}`]
  const asked = [
    ...words('unhold', unhold),
    ...words('install', install),
    ...(reinstall ? ['unpack it again'] : []),
    ...words('remove', remove),
    ...words('purge', purge),
    ...words('mark as wanted', manual),
    ...words('hold', hold),
    ...words('may also remove', may.mayRemove),
    ...words('may downgrade', may.mayDowngrade),
    ...(may.mayRemoveProtected ? ['may remove what the host cannot do without'] : []),
    ...(recommends === null ? [] : [`${recommends ? 'with' : 'without'} what they recommend`]),
  ]
  return `apt: ${asked.join('; ')}`
}

function aptText({ action, name, from, to }: AptAction, width: number): string {
  const version = from === null || to === null ? (to ?? from ?? '') : `${from} -> ${to}`
  return `  ${action.padEnd(9)} ${name.padEnd(width)}  ${version}`.trimEnd()
}

const stdinText = (stdin: NonNullable<RunStep['stdin']>) =>
  typeof stdin === 'string' ? `${Buffer.byteLength(stdin)} bytes` : 'a secret'

import { compareVersions } from './deb-version.ts'
import { Failure } from './failure.ts'
import type { Ended } from './host.ts'
import type { AptAction } from './step.ts'

/** What apt answers, made into data. */

// `Inst name [old] (new Release:1/suite [arch]) []`, `Remv name [old]`, `Purg name [old]`, `Conf name (new …)`.
const LINE = /^(Inst|Remv|Purg|Conf) (\S+)(?: \[([^\]]+)\])?(?: \((\S+) [^)]*\))?/

/** What `apt-get --simulate` says it would do. */
export function parseTransaction(stdout: string): AptAction[] {
  const actions: AptAction[] = []
  const installed = new Set<string>()
  for (const line of stdout.split('\n')) {
    const [, word, name = '', from = null, to = null] = LINE.exec(line) ?? []
    if (word === 'Inst') {
      installed.add(name)
      // Installed once more is installed: nothing else tells a reader of a plan more.
      const before = from === to ? null : from
      actions.push({ action: installAction(before, to), name, from: before, to })
    }
    if (word === 'Remv') actions.push({ action: 'remove', name, from, to: null })
    if (word === 'Purg') actions.push({ action: 'purge', name, from, to: null })
    // Whatever is installed is configured too; one that is configured alone was left half done.
    if (word === 'Conf' && !installed.has(name)) actions.push({ action: 'configure', name, from: null, to })
  }
  return actions
}

function installAction(from: string | null, to: string | null): AptAction['action'] {
  if (from === null || to === null) return 'install'
  return compareVersions(to, from) < 0 ? 'downgrade' : 'upgrade'
}

const UNKNOWN = [
  /^E: Unable to locate package (\S+)/m,
  /^E: Couldn't find any package by (?:glob|regex) '(\S+)'/m,
  /^E: Version '[^']*' for '(\S+)' was not found/m,
  /^E: Release '[^']*' for '(\S+)' was not found/m,
  /^E: Package '(\S+)' has no installation candidate/m,
]

/** What is wrong when apt refuses, in a sentence. `not-found`: what is wanted is not in the index. */
export function refusal({
  stdout,
  stderr,
  code,
  timedOut,
}: Pick<Ended, 'stdout' | 'stderr' | 'code' | 'timedOut'>): Failure {
  if (timedOut) return new Failure('timeout', 'apt did not answer in time')
  const providers = providersOf(stdout, stderr)
  const unknown = UNKNOWN.map((pattern) => pattern.exec(stderr)).find((found) => found !== null)
  if (providers !== null)
    return new Failure('invalid', `${providers.name} is a virtual package`, {
      about: providers.name,
      hint: `declare one of those that provide it: ${providers.all.join(', ')}`,
    })
  if (unknown)
    return new Failure(
      'not-found',
      unknown[0].replace(/^E: /, '').replace(/^./, (first) => first.toLowerCase()),
      {
        about: unknown[1] ?? '',
        hint: 'is its name right, and the repository that has it set up on this host?',
      },
    )
  const depends = /The following packages have unmet dependencies:\n((?:.*\n?){1,12})/
    .exec(stdout)?.[1]
    ?.trimEnd()
  const errors = stderr.split('\n').filter((line) => line.startsWith('E: '))
  const why = errors.length > 0 ? errors.map((line) => line.slice(3)).join('; ') : stderr.trim().slice(-1000)
  return new Failure(
    'conflict',
    `apt finds no way (exit ${code}): ${[why, depends].filter(Boolean).join('\n')}`,
  )
}

/** apt says who provides a virtual package, unless a real one has that name and merely not the version. */
function providersOf(stdout: string, stderr: string): { name: string; all: string[] } | null {
  const [, name = '', list = ''] =
    /^Package (\S+) is a virtual package provided by:\n((?: {2}.*\n?)+)/m.exec(stdout) ?? []
  return name === '' || !stderr.includes(`Package '${name}' has no installation candidate`)
    ? null
    : {
        name,
        all: list
          .trim()
          .split(/\s*\n\s*/)
          .map((line) => line.split(' ')[0] ?? ''),
      }
}

/** apt takes a provider in place of a virtual package, which is then never there by its own name. */
export function substitution(stdout: string): Failure | null {
  const [, taken, wanted] = /^Note, selecting '(\S+)' instead of '(\S+)'$/m.exec(stdout) ?? []
  if (taken === undefined || wanted === undefined) return null
  return new Failure('invalid', `${wanted} is a virtual package`, {
    about: wanted,
    hint: `declare the one that provides it: ${taken}`,
  })
}

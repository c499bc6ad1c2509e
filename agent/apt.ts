import { utimesSync } from 'node:fs'
import { actionText, aptArguments, isTransaction, objection, simulation, surprises } from '../lib/apt.ts'
import { parseTransaction, refusal, substitution } from '../lib/apt-answer.ts'
import { Failure } from '../lib/failure.ts'
import type { Argv, Ended } from '../lib/host.ts'
import { DPKG_LOCK_TIMEOUT_MS } from '../lib/limits.ts'
import type { AptAction, AptStep } from '../lib/step.ts'
import { LISTS } from './apt-index.ts'
import { waitForLocks } from './apt-lock.ts'
import { dpkgReader, pendingUpdates } from './dpkg.ts'
import { CommandFailure, run1 } from './exec.ts'
import type { LiveHost } from './host.ts'
import type { Effects } from './perform.ts'

const ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  APT_LISTCHANGES_FRONTEND: 'none',
  // It would restart services that no plan has shown.
  NEEDRESTART_MODE: 'l',
  UCF_FORCE_CONFFOLD: '1',
  // Scripts make databases and the like in the encoding that they find; C alone would be ASCII.
  LC_ALL: 'C.UTF-8',
}
// dpkg's own pseudo-terminal would swallow what its scripts say.
const QUIET = ['-o', 'Dpkg::Use-Pty=0']

type Work = Effects & { readonly deadlineMs: number; readonly lockTimeoutMs: number }

/** Performs one apt transaction: exactly the one that the step shows, or none. */
export async function performApt(step: AptStep, timeoutMs: number | null, effects: Effects): Promise<void> {
  const limitMs = timeoutMs ?? step.timeoutMs
  const work: Work = {
    ...effects,
    deadlineMs: performance.now() + limitMs,
    lockTimeoutMs: Math.min(limitMs, DPKG_LOCK_TIMEOUT_MS),
  }
  // Where nothing came in between, the solver's answer that the plan was made from still holds.
  if (await waitForLocks(work.lockTimeoutMs, work.waiting, work.signal)) work.host.forget()
  const broken = halfDone()
  const left = { broken, unhealed: await heal(broken, work) }
  try {
    await performAll(step, left, work)
  } finally {
    const still = broken.length === 0 ? broken : halfDone()
    work.recovered(broken.filter((name) => !still.includes(name)))
  }
}

/** What an interrupted dpkg had left, and how its completion failed, if it did. */
type Left = { readonly broken: readonly string[]; readonly unhealed: Ended | null }

async function performAll(step: AptStep, left: Left, work: Work): Promise<void> {
  const warnings = step.refresh ? await refresh(work) : ''
  if (isTransaction(step)) {
    await transact(step, warnings, left, work)
    // Of what was removed by half, apt does the other half alone.
    if (isLeftOf(step.purge)) await transact({ ...step, transaction: null }, warnings, left, work)
  } else await select(step.unhold, 'install', work)
  if (step.manual.length > 0) succeeded(await command(['apt-mark', 'manual', '--', ...step.manual], work))
  await select(step.hold, 'hold', work)
}

async function transact(
  step: AptStep,
  warnings: string,
  { broken, unhealed }: Left,
  work: Work,
): Promise<void> {
  const now = await solve(step, warnings, work.host)
  const refused = objection(step, now, heldOf(now))
  if (refused !== null) throw refused
  // Of what dpkg had not noted to its end, a plan could not know that it has to be unpacked anew.
  const isTorn = ({ action, name }: AptAction) =>
    action === 'install' && broken.some((one) => one === name || one.startsWith(`${name}:`))
  const surprise = surprises(step.transaction ?? now, now).filter((one) => !isTorn(one))
  if (surprise.length > 0)
    throw new Failure(
      'conflict',
      `apt would now do more than the plan showed: ${surprise.map(actionText).join(', ')}`,
      {
        hint: 'something changed meanwhile; look at a new plan',
      },
    )
  const removes = now.some(({ action }) => action === 'remove' || action === 'purge')
  const guard = removes ? [] : ['--no-remove']
  const lock = ['-o', `DPkg::Lock::Timeout=${Math.ceil(work.lockTimeoutMs / 1000)}`]
  await select(step.unhold, 'install', work)
  const ended = await command(['apt-get', ...QUIET, ...lock, ...guard, ...aptArguments(step)], work)
  if (ended.code === 0) return
  // What was let go for this alone is not left open to the next upgrade.
  const again = step.unhold.filter((name) => step.hold.includes(name))
  await select(again, 'hold', work)
  // A package that the mirror no longer has: the next run fetches the index first.
  if (LOST.test(ended.stderr)) utimesSync(LISTS, 0, 0)
  throw failureOf(ended, unhealed)
}

/** What apt would do at this moment. */
async function solve(step: AptStep, warnings: string, host: LiveHost): Promise<AptAction[]> {
  const answer = await host.query(simulation(step), [])
  const why = answer.code === 0 ? substitution(answer.stdout) : refusal(answer)
  if (why === null) return parseTransaction(answer.stdout)
  if (warnings === '') throw why
  throw new Failure('unavailable', `the index could not be fetched whole: ${warnings}; ${why.message}`, {
    ...(why.about !== undefined && { about: why.about }),
    hint: REACHABLE,
  })
}

function heldOf(actions: readonly AptAction[]): ReadonlySet<string> {
  const packages = dpkgReader()()
  return new Set(actions.map(({ name }) => name).filter((name) => packages.get(name)?.held))
}

function isLeftOf(purged: readonly string[]): boolean {
  const packages = purged.length === 0 ? null : dpkgReader()()
  return purged.some((name) => packages?.get(name)?.status === 'config-files')
}

const HALF_DONE = new Set(['unpacked', 'half-configured', 'half-installed', 'triggers-pending'])

const halfDone = () =>
  [...dpkgReader()()]
    // Each by one of its names.
    .filter(([name, { status, architecture }]) => name.endsWith(`:${architecture}`) && HALF_DONE.has(status))
    .map(([name]) => name)

/**
 * Completes what an interrupted dpkg left behind, once. What it could not complete is returned and not thrown: the
 * transaction may well be what mends it, such as a newer version or a removal.
 */
async function heal(broken: readonly string[], work: Work): Promise<Ended | null> {
  if (broken.length === 0 && pendingUpdates().length === 0) return null
  work.waiting(`completing an interrupted dpkg${broken.length > 0 ? `: ${broken.join(', ')}` : ''}`)
  const ended = await command(['dpkg', '--force-confdef', '--force-confold', '--configure', '-a'], work)
  work.host.forget()
  return ended.code === 0 ? null : ended
}

/** Fetches the index. A source that can't be reached is told, not thrown: what is wanted may come from another. */
async function refresh(work: Work): Promise<string> {
  work.waiting('fetching the index of packages')
  const ended = await command(['apt-get', '-q', ...QUIET, 'update'], work)
  work.host.forget()
  const said = ended.stderr.split('\n').filter((line) => /^[EW]: /.test(line))
  if (ended.code !== 0)
    throw new Failure('unavailable', `the index of packages could not be fetched: ${said.join('; ')}`, {
      hint: 'see "apt-get update"',
    })
  const warnings = said.filter((line) => /Failed to fetch|failed to download/.test(line))
  // apt leaves the time as it is when there was nothing new.
  if (warnings.length === 0) utimesSync(LISTS, new Date(), new Date())
  return warnings.join('; ')
}

/** By dpkg itself, which apt-mark asks too once it has read the whole index. */
async function select(names: readonly string[], want: 'hold' | 'install', work: Work): Promise<void> {
  if (names.length === 0) return
  // A transaction may just have brought them.
  work.host.forget()
  const lines: string[] = []
  for (const name of names) {
    const found = await work.host.package(name)
    // What was removed is not wanted back.
    const now = want === 'install' && found?.status === 'config-files' ? 'deinstall' : want
    lines.push(`${dpkgName(name, found?.architecture)} ${now}\n`)
  }
  const how = { timeoutMs: left(work), env: ENVIRONMENT, stdin: lines.join(''), signal: work.signal }
  succeeded(await run1(['dpkg', '--set-selections'], how))
}

/** With its architecture, since it may be there in several. */
const dpkgName = (name: string, architecture = 'all') =>
  architecture === 'all' || name.includes(':') ? name : `${name}:${architecture}`

function succeeded(ended: Ended): void {
  if (ended.code !== 0) throw new CommandFailure(ended)
}

async function command(argv: Argv, work: Work): Promise<Ended> {
  const ended = await run1(argv, {
    timeoutMs: left(work),
    env: ENVIRONMENT,
    scope: true,
    fetches: argv[0] === 'apt-get',
    signal: work.signal,
  })
  if (!ended.timedOut) return ended
  throw new CommandFailure(ended, { hint: 'what it left half done is completed by the next run' })
}

const left = ({ deadlineMs }: Work) => Math.max(1, Math.round(deadlineMs - performance.now()))

const UNREACHABLE = /Could not resolve|Unable to connect|Could not connect|Connection (failed|timed out)/
const REACHABLE = 'is the mirror reachable from this host?'
const LOST = / 404 |File not found|Hash Sum mismatch|File has unexpected size/

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|don't have enough free space/, 'the disk is full: see "df -h" and "df -i"'],
  [LOST, 'the mirror has another version by now: the next run fetches the index first'],
  [UNREACHABLE, REACHABLE],
  [
    /maintainer script|installation script|removal script|subprocess/,
    'the script of a package failed: see "dpkg --audit"',
  ],
  [
    /Sub-process \S+ (exited unexpectedly|received)/,
    'dpkg was killed at its work; the next run completes it',
  ],
  [/Could not get lock/, 'another apt was quicker; the next run tries again'],
]

function failureOf(ended: Ended, unhealed: Ended | null): CommandFailure {
  const hint = HINTS.find(([pattern]) => pattern.test(ended.stderr))?.[1]
  const before = unhealed && 'dpkg was interrupted before, and could not complete it either'
  const all = [hint, before].filter((one) => one !== null && one !== undefined).join('; ')
  const away = UNREACHABLE.test(ended.stderr) || LOST.test(ended.stderr)
  return new CommandFailure(ended, {
    ...(all !== '' && { hint: all }),
    code: away ? 'unavailable' : 'internal',
  })
}

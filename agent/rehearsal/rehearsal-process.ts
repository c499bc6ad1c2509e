import { accessSync, constants, readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { MAX_REHEARSED_REQUESTS, REHEARSAL_TIMEOUT_MS } from '../../lib/limits.ts'
import type { Outcome, RunResult } from '../../lib/outcome.ts'
import type { Asked, Rehearsal } from '../../lib/rehearsal.ts'
import type { Change, ResourceId } from '../../lib/state.ts'
import { oneSpace, pathOf } from '../../lib/sysctls.ts'
import { states } from '../../states/index.ts'
import { confine } from '../exec.ts'
import { scrubbed } from '../failures.ts'
import { type LiveHost, openHost } from '../host.ts'
import { readIdentity } from '../identity.ts'
import { leavingOf } from '../leaving.ts'
import { openSession, owned } from '../local.ts'
import { type Opened, openSecrets, secretKeysOf } from '../secrets.ts'
import { effectsOf } from './effects.ts'
import { readFrames, writeFrame } from './frames.ts'
import { broughtBy } from './packages.ts'
import { CONFINED, CONNECTED } from './programs.ts'
import type { Content, Opening, Said } from './rehearse.ts'
import { openStage, STAGE, type Stage, settingOf } from './stage.ts'
import { openTurns, type Turns } from './turns.ts'
import { rehearsedUnit } from './units.ts'

/** The first process in the namespaces of a rehearsal: it makes the copy, applies to it, says what came of it, and ends. */

const say = (said: Said) => writeFrame(process.stdout, said)

async function perform(opening: Opening, blobs: ReadonlyMap<string, Buffer>): Promise<Rehearsal> {
  const { catalog, sealed, stateDir, paused, known, active, maxBytes } = opening
  const settings = settingsOf(catalog, stateDir)
  const stage = openStage(maxBytes, new Map([...settings].map(([name, { path }]) => [name, path])), active)
  confine({ usual: CONFINED, fetching: CONNECTED })

  const opened = await openSecrets(
    catalog,
    blobs,
    sealed,
    secretKeysOf(readIdentity(join(stateDir, 'identity'))),
  )
  try {
    const turns = openTurns(join(STAGE, 'clock'))
    const host = { ...openHost(stateDir), unit: (name: string) => rehearsedUnit(name, known, stage.asked) }
    const result = await applied(opened, { stateDir, host, paused }, turns)
    refuseFull(result, maxBytes)
    return await told(result, opened, { opening, stage, settings, turns, host })
  } catch (error) {
    throw scrubbed(error, opened.scrub)
  }
}

/** Those of the kernel that are declared, or were, and could be set, with their values. */
function settingsOf(
  catalog: Opening['catalog'],
  stateDir: string,
): Map<string, { path: string; before: string }> {
  const { entries } = leavingOf(owned(stateDir).entries, catalog)
  const ids = [...catalog.resources, ...entries].map(({ id }) => id)
  const names = ids.filter((id) => id.startsWith(SYSCTL)).map((id) => id.slice(SYSCTL.length))
  const settable = names.filter((name) => isWritable(pathOf(name)))
  return new Map(
    settable.map((name) => [name, { path: pathOf(name), before: settingOf(pathOf(name)) ?? '' }]),
  )
}

const SYSCTL = 'sysctl:'

async function applied(
  { catalog, blobs, scrub }: Opened,
  parts: Pick<Opening, 'stateDir' | 'paused'> & { readonly host: LiveHost },
  turns: Turns,
): Promise<RunResult> {
  const never = new AbortController().signal
  const session = openSession({
    ...{ ...parts, catalog, blobs, states, signal: never, kill: never },
    waiting: (what) => void say({ kind: 'waiting', what: scrub(what) }),
    tell(event) {
      turns.take(event)
      void say({ kind: 'event', event: shown(event, scrub) })
    },
  })
  try {
    return await session.apply()
  } finally {
    session.close()
  }
}

/** As others may see it: secrets become digests of themselves. */
const shown = <T>(value: T, scrub: (text: string) => string): T => JSON.parse(scrub(JSON.stringify(value)))

type Known = {
  readonly opening: Opening
  readonly stage: Stage
  readonly settings: ReadonlyMap<string, { readonly path: string; readonly before: string }>
  readonly turns: Turns
  readonly host: LiveHost
}

async function told(
  { outcomes, owed, held, ms }: RunResult,
  { catalog, conceal, scrub }: Opened,
  { opening: { stateDir }, stage, settings, turns, host }: Known,
): Promise<Rehearsal> {
  const [root] = stage.layers
  if (root === undefined) throw new Error('a copy of a host without a root')
  const { packageOf, scripts } = broughtBy(root.lower)
  const sensitive = new Set([
    ...catalog.resources.filter(({ secrets }) => secrets !== undefined).map(({ id }) => id),
    ...outcomes.filter(({ leaves }) => leaves?.holdsSecret).map(({ id }) => id),
  ])
  const paths = pathsOf(outcomes)
  const accounts = host.accounts()
  const files = await effectsOf(stage.layers, {
    stateDir,
    paths,
    at: turns.at,
    packageOf,
    sensitive,
    scrub,
    accounts,
  })
  const { bsize, blocks, bfree } = statfsSync(STAGE)
  return {
    outcomes: outcomes.map(conceal).map((one) => shown(one, scrub)),
    owed: owed.map((one) => ({ ...one, why: scrub(one.why) })),
    held,
    ...files,
    asked: askedOf(readFileSync(stage.asked, 'utf8'), turns.at).map((one) => ({
      ...one,
      unit: scrub(one.unit),
    })),
    settings: changedSettings(settings).map((one) => shown(one, scrub)),
    scripts,
    origins: originsOf(outcomes, catalog),
    bytes: (blocks - bfree) * bsize,
    ms,
  }
}

/** Where those are declared that are not as they were. */
function originsOf(outcomes: readonly Outcome[], { resources }: Opening['catalog']): Rehearsal['origins'] {
  const busy = new Set(outcomes.flatMap(({ id, status }) => (status === 'settled' ? [] : [id])))
  const declared = resources.filter(({ id }) => busy.has(id))
  return Object.fromEntries(
    declared.map(({ id, origins: [first] }) => [
      id,
      first === undefined ? '' : `${first.role}  ${first.file}:${first.line}`,
    ]),
  )
}

/** Every path that a step names, with the resource whose step it was. */
function pathsOf(outcomes: readonly Outcome[]): Map<string, ResourceId> {
  const paths = new Map<string, ResourceId>()
  for (const outcome of outcomes)
    for (const step of 'steps' in outcome ? outcome.steps : [])
      if ('path' in step) {
        paths.set(step.path, outcome.id)
        if (step.do === 'write' && step.backup !== null) paths.set(step.backup, outcome.id)
      }
  return paths
}

function askedOf(text: string, at: (ms: number) => ResourceId | null): Asked[] {
  const lines = text.split('\n').slice(0, MAX_REHEARSED_REQUESTS)
  return lines.flatMap((line) => {
    const [ms, verb, ...words] = line.split(' ')
    const unit = words.join(' ')
    return ms === undefined || verb === undefined ? [] : [{ verb, unit, by: at(Number(ms)) }]
  })
}

const changedSettings = (settings: Known['settings']): Change[] =>
  [...settings].flatMap(([field, { path, before }]) => {
    const [from, to] = [oneSpace(before), oneSpace(settingOf(path) ?? '')]
    return from === to ? [] : [{ field, from, to }]
  })

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const FULL = /No space left on device|ENOSPC|enough free space/

function refuseFull({ outcomes }: RunResult, maxBytes: number): void {
  const full = outcomes.find((one) => one.status === 'failed' && FULL.test(one.reason))
  if (full === undefined) return
  throw new Failure(
    'exhausted',
    `the copy has no room for more than ${Math.round(maxBytes / 1024 / 1024)} MB`,
    {
      about: full.id,
      hint: 'it is kept in memory, and takes half of what is available',
    },
  )
}

function failureOf(error: unknown): Said {
  if (!(error instanceof Failure)) {
    process.stderr.write(`${(error as Error)?.stack ?? error}\n`)
    return { kind: 'failure', code: 'internal', message: reasonOf(error), about: undefined, hint: undefined }
  }
  const { code, message, about, hint } = error
  return { kind: 'failure', code, message, about, hint }
}

async function main(): Promise<void> {
  process.umask(0o022)
  setTimeout(() => process.exit(1), REHEARSAL_TIMEOUT_MS).unref()
  const frames = readFrames(process.stdin)
  const { value } = await frames.next()
  const opening = value as Opening
  const blobs = new Map<string, Buffer>()
  for (const _ of opening.digests) {
    const { digest, bytes } = (await frames.next()).value as Content
    blobs.set(digest, Buffer.from(bytes))
  }
  // Who began it holds the other end until it has its answer.
  void frames.next().finally(() => process.exit(1))
  await perform(opening, blobs).then(
    (rehearsal) => say({ kind: 'end', rehearsal }),
    (error) => say(failureOf(error)),
  )
}

await main()

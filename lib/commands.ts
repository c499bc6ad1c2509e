import * as v from 'valibot'
import { Failure } from './failure.ts'
import type { Argv, Host } from './host.ts'
import { COMMAND_TIMEOUT_MS, GUARD_TIMEOUT_MS } from './limits.ts'
import { AccountName, Path } from './names.ts'
import { programPlaces } from './programs.ts'
import { sha256 } from './sha256.ts'
import type { RunStep } from './step.ts'

/** What the states that run something of the site have in common: how it is run, and when it is needed. */

// What a shell would make something of; without one it would be passed on as it is.
const SHELL = /["'`|;&$<>\\*()]|(?:^|\s)~/

/** A command line split at blanks. There is no shell and no quoting: what would need one is refused. */
export function words(line: string): Argv {
  const special = SHELL.exec(line)?.[0]?.trim()
  if (special !== undefined)
    throw new Failure('invalid', `"${line}" has a ${special}, which only a shell would understand`, {
      about: line,
      hint: 'give its words one by one in "argv", or write a script',
    })
  const [program, ...args] = line.split(/\s+/).filter((word) => word !== '')
  if (program === undefined) throw new Failure('invalid', 'a command needs its program', { about: line })
  return [program, ...args]
}

const Word = v.pipe(
  v.string('an argument is a string: put numbers in quotes'),
  v.check((word) => !word.includes('\0'), 'an argument holds no NUL'),
)
export const Words = v.pipe(v.array(Word), v.minLength(1, 'a command needs its program'))

const GUARD = 'a guard is a string, a list of arguments, or a list of such lists'
const guard = (description: string) =>
  v.optional(
    v.nullable(v.pipe(v.union([v.string(), Words, v.array(Words)], GUARD), v.description(description))),
    null,
  )

/** An optional prop that is not managed unless it is given. */
export const given = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null)

export const guardProps = {
  creates: given(v.pipe(Path, v.description('Not needed once this path is there.'))),
  removes: given(v.pipe(Path, v.description('Not needed once this path is gone.'))),
  unless: guard('Not needed when this command exits 0; of several, when any does.'),
  only_if: guard('Needed only while this command exits 0; of several, while all do.'),
}

export const runProps = {
  cwd: given(v.pipe(Path, v.description('The directory to run it and its guards in.'))),
  env: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and "_"')),
        Word,
      ),
      v.description('Variables beside PATH, HOME and LC_ALL=C. Nothing else is inherited.'),
    ),
    {},
  ),
  user: given(v.pipe(AccountName, v.description('Who runs it and its guards; root unless given.'))),
  stdin: given(v.pipe(v.string(), v.description('What it reads on its standard input.'))),
  exit_codes: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
      v.minLength(1, 'at least one exit code is accepted'),
      v.description('How it may exit; of a pipe, its last command.'),
    ),
    [0],
  ),
}

export type Guards = v.InferOutput<ReturnType<typeof guardsSchema>>
type Running = v.InferOutput<ReturnType<typeof runningSchema>>
const guardsSchema = () => v.object(guardProps)
const runningSchema = () => v.object(runProps)

export type Pipe = readonly [Argv, ...Argv[]]

export const stepOf = (pipe: Pipe, { cwd, env, user, stdin, exit_codes }: Running): RunStep => ({
  ...{ do: 'run', pipe, timeoutMs: COMMAND_TIMEOUT_MS, touches: ['*'], cwd, env, user, stdin },
  ...{ scope: true, exitCodes: exit_codes, wants: user === null ? [] : [`user:${user}`] },
})

/** Tells one command from another: what it is, not what it is called. */
export function hashOf(pipe: Pipe, { cwd, env, user, stdin }: Running): string {
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(JSON.stringify([pipe, variables, cwd, user, stdin]))
}

export const isGuarded = ({ creates, removes, unless, only_if }: Guards) =>
  creates !== null || removes !== null || commandsOf(unless).length + commandsOf(only_if).length > 0

function commandsOf(guard: Guards['unless']): Argv[] {
  if (guard === null) return []
  if (typeof guard === 'string') return [words(guard)]
  const several = guard.every((word) => typeof word !== 'string') ? guard : [guard]
  return several as unknown as Argv[]
}

/** What the guards say: whether one speaks against running it, or what keeps them from saying anything. */
export type Verdict = { readonly against: boolean; readonly lacking: string | null }

/** Asks guards, the cheap ones first, until one speaks against it. They are run as the command would be. */
export async function ask(props: Guards & Running, host: Host): Promise<Verdict> {
  const { creates, removes, unless, only_if, user, cwd, env } = props
  const against = { against: true, lacking: null }
  if (creates !== null && (await host.stat(creates)) !== null) return against
  if (removes !== null && (await host.stat(removes)) === null) return against
  const guards = [
    ...commandsOf(unless).map((argv) => ({ argv, passes: true })),
    ...commandsOf(only_if).map((argv) => ({ argv, passes: false })),
  ]
  const lacking = await placeLack(props, host)
  if (guards.length === 0 || lacking !== null) return { against: false, lacking }
  for (const { argv, passes } of guards) {
    const ended = await host.probe(argv, { user, cwd, env, timeoutMs: GUARD_TIMEOUT_MS })
    if (ended.missing)
      return { against: false, lacking: `guard "${argv.join(' ')}" has no program ${argv[0]}` }
    if ((ended.code === 0) === passes) return against
  }
  return { against: false, lacking: null }
}

async function placeLack({ user, cwd }: Running, host: Host): Promise<string | null> {
  if (user !== null && (await host.user(user)) === null) return `user "${user}" is unknown on this host`
  if (cwd === null || (await host.stat(cwd))?.kind === 'directory') return null
  return `directory ${cwd} is not there`
}

/** The first program of a pipe that is not on the host. */
export async function programLack(pipe: Pipe, { cwd, env }: Running, host: Host): Promise<string | null> {
  for (const [program] of pipe) {
    const places = programPlaces(program, cwd ?? '/', env.PATH)
    const found = await Promise.all(places.map((place) => host.stat(place)))
    if (found.every((stat) => stat === null)) return `there is no program ${program} on this host`
  }
  return null
}

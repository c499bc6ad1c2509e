import * as v from 'valibot'
import {
  ask,
  type Guards,
  given,
  guardProps,
  hashOf,
  isGuarded,
  type Pipe,
  programLack,
  runProps,
  stepOf,
  Words,
  words,
} from '../lib/commands.ts'
import { Failure } from '../lib/failure.ts'
import { Line } from '../lib/names.ts'
import { defineState } from '../lib/state.ts'

/**
 * A command that is run when it is needed, and never in a check.
 *
 * Its name, split at blanks, is what is run: there is no shell. What has quotes, or blanks inside an argument, goes
 * into `argv`, and commands that feed each other into `pipe`; the name is then a label.
 *
 * Guards (`creates`, `removes`, `unless`, `only_if`) say whether it is needed: it is not as soon as one of them speaks
 * against it, and after it ran one of them must, or it has failed. Without a guard it is run once, and again when it
 * becomes another command or when something in `restart_on` changes. With `triggered` it is run for `restart_on`
 * alone. Guards hold for that as well.
 *
 * Guards are run in a check too, so they must only read. A guard whose program is not there yet leaves the plan open
 * until what brings it has been done.
 */
export const command = defineState({
  type: 'command',
  name: Line,

  props: v.pipe(
    v.strictObject({
      argv: given(v.pipe(Words, v.description('The program and its arguments, each as it is.'))),
      pipe: given(
        v.pipe(
          v.array(Words),
          v.minLength(2, 'a pipe has two commands or more'),
          v.description('Commands of which each feeds the next, as lists of arguments.'),
        ),
      ),
      ...guardProps,
      once: given(
        v.pipe(
          v.boolean(),
          v.description('Not needed once it was run as it is declared. True where there is no guard.'),
        ),
      ),
      triggered: v.optional(
        v.pipe(v.boolean(), v.description('Run only when something in `restart_on` changes.')),
        false,
      ),
      ...runProps,
    }),
    v.check(({ argv, pipe }) => argv === null || pipe === null, '"argv" and "pipe" exclude each other'),
    v.check(({ once, triggered }) => !(once && triggered), '"once" and "triggered" exclude each other'),
  ),

  fields: v.strictObject({
    /** A guard speaks against it, or it was run. */
    done: v.boolean(),
    refused: v.boolean(),
    stamped: v.boolean(),
    /** Why it could not be run now. */
    lacking: v.nullable(v.string()),
  }),

  desired: (_name, { triggered }) => (triggered ? {} : { done: true }),

  async read(name, props, host) {
    const pipe = pipeOf(name, props)
    const { against, lacking } = await ask(props, host)
    const stamped = isOnce(props) && (await host.stamp(hashOf(pipe, props)))
    return {
      done: against || stamped,
      refused: against,
      stamped,
      lacking: lacking ?? (against ? null : await programLack(pipe, props, host)),
    }
  },

  steps(name, props, _changes, current) {
    // It is to react, but a guard says that there is no need.
    if (current?.refused) return []
    if (current?.lacking)
      throw new Failure('not-found', current.lacking, {
        about: name,
        hint: 'declare before it what brings it, such as its package',
      })
    const pipe = pipeOf(name, props)
    const run = stepOf(pipe, props)
    return isOnce(props) && !current?.stamped ? [run, { do: 'stamp', hash: hashOf(pipe, props) }] : [run]
  },

  reacts: ['restart'],
  sensitive: { stdin: '' },

  complete(name, props) {
    // A name that only a shell would understand is refused where it is declared.
    pipeOf(name, props)
    return props
  },

  watches: (_name, { creates, removes }) =>
    [creates, removes].flatMap((path) => (path === null ? [] : [{ path }])),

  requires: (_name, { user, cwd }) => [
    ...(user === null ? [] : [`user:${user}` as const]),
    ...(cwd === null ? [] : [`directory:${cwd}` as const]),
  ],

  sharesPaths: true,

  examples: [
    `command: a2enmod rewrite
creates: /etc/apache2/mods-enabled/rewrite.load`,
    `command: load the schema
pipe: [[zcat, /srv/app/schema.sql.gz], [psql, --quiet, app]]
user: postgres
unless: [psql, --command, "select 1 from version", app]`,
    `command: newaliases
triggered: true
restart_on: file:/etc/aliases`,
  ],
})

type Argvs = { readonly argv: readonly string[] | null; readonly pipe: readonly string[][] | null }

function pipeOf(name: string, { argv, pipe }: Argvs): Pipe {
  // Their schemas have seen to it that none is empty.
  return (pipe ?? [argv ?? words(name)]) as unknown as Pipe
}

const isOnce = (props: Guards & { readonly once: boolean | null; readonly triggered: boolean }) =>
  props.once ?? (!isGuarded(props) && !props.triggered)

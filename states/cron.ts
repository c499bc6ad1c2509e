import * as v from 'valibot'
import { assignments, commandOf, parseCron, renderCron, scheduleOf, scheduleProblem } from '../lib/cron.ts'
import { MAX_CRON_CHARACTERS } from '../lib/limits.ts'
import { AccountName, Line, Mode } from '../lib/names.ts'
import { above, absent, force, Kind, ownerSteps, refuse } from '../lib/paths.ts'
import { restorePaths } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import { rewrite, textOf } from '../lib/text.ts'

/**
 * A job of cron: the file /etc/cron.d/NAME with one schedule, one user and one command.
 *
 * The command is a line for /bin/sh, as cron runs it: here alone a shell is at work. Write `%` plainly: cron's own
 * meaning of it is escaped, and `stdin` gives the command its input. cron takes a day of the month and a weekday that
 * are both given as "either", and reads the file again within a minute by itself. A job that is to survive a host that
 * was off, or to have a log and limits of its own, is better a `timer`.
 */
export const cron = defineState({
  type: 'cron',
  name: v.pipe(
    v.string('a name is a string'),
    v.regex(
      /^[A-Za-z0-9_-]{1,200}$/,
      'a cron name has letters, digits, "_" and "-": cron ignores a file with any other character, such as a "."',
    ),
  ),

  props: v.pipe(
    v.strictObject({
      schedule: v.optional(
        v.pipe(
          v.string(),
          v.check(
            (text) => scheduleProblem(text) === null,
            ({ input }) => `the schedule is refused: ${scheduleProblem(input)}`,
          ),
          v.description(
            'Minute, hour, day of month, month and weekday, such as `*/5 8-18 * * mon-fri`; or `@daily`, `@reboot`, … Required unless `absent`.',
          ),
        ),
      ),
      command: v.optional(
        v.pipe(
          Line,
          v.check(
            (text) => !/\\(%|$)/.test(text),
            'write "%" plainly, it is escaped for cron; no "\\" ends a command',
          ),
          v.check((text) => text.trim() === text, 'a command has no blanks around it'),
          v.description('What is run. Required unless `absent`.'),
        ),
      ),
      user: v.optional(v.pipe(AccountName, v.description('Who runs it.')), 'root'),
      stdin: v.optional(
        v.nullable(
          v.pipe(
            v.string(),
            v.check(
              (text) => !/\\(%|$)|[\r\0]/m.test(text),
              'cron can\'t pass on a "\\" before a "%" or an end of line',
            ),
            v.description('What the command reads on its standard input.'),
          ),
        ),
        null,
      ),
      env: v.optional(
        v.pipe(
          v.record(
            v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has letters, digits and "_"')),
            v.pipe(
              v.string('the value of a variable is a string'),
              v.check((value) => !/[\r\n\0]/.test(value), 'the value of a variable is one line'),
              v.check((value) => value.trimEnd() === value, 'cron cuts blanks from the end of a value'),
              v.check(
                (value) => !(value.includes('"') && value.includes("'")),
                'cron has no way to quote both quotes',
              ),
            ),
          ),
          v.check((env) => !('LOGNAME' in env), 'cron sets LOGNAME itself'),
          v.description(
            'Variables of the command, such as `PATH`, and `MAILTO`; cron expands nothing in them.',
          ),
        ),
        {},
      ),
      comment: v.optional(
        v.nullable(
          v.pipe(
            Line,
            v.check((text) => text.trim() === text, 'a comment has no blanks around it'),
            v.description('Stands above the job.'),
          ),
        ),
        null,
      ),
      disabled: v.optional(
        v.pipe(v.boolean(), v.description('The job stands in its file as a comment.')),
        false,
      ),
      mode: v.optional(
        v.nullable(
          v.pipe(
            Mode,
            v.check(
              (mode) => /^0[4-7][045][045]$/.test(mode),
              'cron takes no file that others than root can write to',
            ),
            v.description('Four octal digits in quotes, such as "0600" for a job with a password.'),
          ),
        ),
        '0644',
      ),
      force,
      absent,
    }),
    v.check(({ schedule, absent }) => absent || schedule !== undefined, 'a cron needs "schedule"'),
    v.check(({ command, absent }) => absent || command !== undefined, 'a cron needs "command"'),
    v.check(
      ({ command = '', stdin }) => commandOf({ command, stdin }).length <= MAX_CRON_CHARACTERS,
      `cron takes commands of at most ${MAX_CRON_CHARACTERS} characters: put it in a script`,
    ),
  ),

  fields: v.strictObject({
    kind: Kind,
    schedule: v.string(),
    user: v.string(),
    command: v.string(),
    stdin: v.nullable(v.string()),
    env: v.array(v.string()),
    comment: v.string(),
    disabled: v.boolean(),
    /** Lines beside the one job. */
    other: v.array(v.string()),
    mode: Mode,
    owner: v.string(),
    group: v.string(),
  }),

  desired(_name, { absent, schedule = '', command = '', user, stdin, env, comment, disabled, mode }) {
    if (absent) return null
    return {
      kind: 'file',
      ...{ schedule: scheduleOf(schedule), user, command, stdin, env: assignments(env) },
      ...{ comment: comment ?? '', disabled, other: [] },
      ...(mode !== null && { mode }),
      ...ROOTS,
    }
  },

  async read(name, _props, host) {
    const stat = await host.stat(pathOf(name))
    if (stat === null) return null
    const { kind, mode, owner, group } = stat
    const content = kind === 'file' ? await textOf(pathOf(name), host) : null
    return { ...parseCron(content ?? ''), kind, mode, owner, group }
  },

  steps(name, props, changes, current) {
    const path = pathOf(name)
    const { absent, force, schedule = '', command = '' } = props
    const recursive = refuse(path, current?.kind === 'link' ? null : current, 'file', force)
    if (absent) return [{ do: 'remove', path, recursive }]
    if ([...changes.keys()].every((field) => field in ROOTS || field === 'mode'))
      return ownerSteps(path, { ...ROOTS, mode: props.mode }, changes)
    const text = renderCron({ ...props, schedule, command })
    // cron says nothing but in its log of a job whose user it doesn't know.
    const wants = [`user:${props.user}`]
    const write = { ...rewrite(path, text), mode: props.mode, ...ROOTS, wants }
    return current?.kind === 'directory' ? [{ do: 'remove', path, recursive }, write] : [write]
  },

  watches: (name) => [{ path: pathOf(name) }],

  requires: (name, { user }) => [...above(pathOf(name)), 'package:cron', `user:${user}`],

  restore: (_name, _props, { paths }) => restorePaths(paths, 'file'),

  examples: [
    `cron: fetch-events
schedule: "17 * * * *"
user: app
command: /srv/app/manage.py fetch_events
env: { MAILTO: root@example.org }`,
    `cron: snapshot
schedule: "@daily"
command: tar -czf /var/backups/app-$(date +%F).tar.gz /srv/app`,
    `cron: old-job
absent: true`,
  ],
})

/** cron runs no file that others than root could write to. */
const ROOTS = { owner: 'root', group: 'root' } as const

function pathOf(name: string): string {
  return `/etc/cron.d/${name}`
}

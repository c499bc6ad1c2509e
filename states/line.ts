import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import { editLine, findLine } from '../lib/lines.ts'
import { Line, PathAndLabel, partsOf } from '../lib/names.ts'
import { above, absent, backup, validate } from '../lib/paths.ts'
import { Pattern } from '../lib/pattern.ts'
import { restoreLine } from '../lib/restore-line.ts'
import { defineState } from '../lib/state.ts'
import { rewrite, textOf } from '../lib/text.ts'

/**
 * One line of a file that something else owns: it is there, in place of the line that `match` finds.
 *
 * Its name is the file's path, and behind a `#` a label of your choice, since one file may have many lines. All other
 * lines, their ends, and the file's mode and owner stay as they are. `after` and `before` say where a new line goes; a
 * line that is there already is not moved. Where the file has keys and values, `setting` says it better; where it is
 * yours alone, declare the whole `file`.
 */
export const line = defineState({
  type: 'line',
  name: PathAndLabel,

  props: v.pipe(
    v.strictObject({
      text: v.optional(
        v.nullable(v.pipe(Line, v.description('The line, without its end. Required unless `absent`.'))),
        null,
      ),
      match: v.optional(
        v.nullable(
          v.pipe(
            Pattern,
            v.description(
              'A regular expression for the line that `text` replaces. Let it match `text` as well, so that the line is found again when its value changes.',
            ),
          ),
        ),
        null,
      ),
      which: v.optional(
        v.pipe(
          v.picklist(['only', 'first', 'last', 'all']),
          v.description('Which of several lines that match is meant. `only`: several are refused.'),
        ),
        'only',
      ),
      after: v.optional(
        v.nullable(
          v.pipe(
            Pattern,
            v.description('A new line goes behind the last line that this matches, or to the end by `EOF`.'),
          ),
        ),
        null,
      ),
      before: v.optional(
        v.nullable(
          v.pipe(
            Pattern,
            v.description('A new line goes before the first line that this matches, or to the top by `BOF`.'),
          ),
        ),
        null,
      ),
      backrefs: v.optional(
        v.pipe(
          v.boolean(),
          v.description(
            '`\\1` to `\\9` in `text` stand for the groups of `match`; where nothing matches, nothing is written.',
          ),
        ),
        false,
      ),
      create: v.optional(
        v.pipe(v.boolean(), v.description('A file that is not there is made, with mode 0644, of root.')),
        false,
      ),
      validate,
      backup,
      absent,
    }),
    v.check(({ text, match, absent }) => text !== null || (absent && match !== null), 'a line needs "text"'),
    v.check(({ after, before }) => after === null || before === null, 'give "after" or "before", not both'),
    v.check(({ backrefs, match }) => !backrefs || match !== null, '"backrefs" needs "match"'),
  ),

  fields: v.strictObject({
    /** What stands in the place of the line. */
    lines: v.array(v.string()),
    content: v.string(),
  }),

  desired: (_name, { absent, text }) => (absent ? null : { lines: [text ?? ''] }),

  async read(name, props, host) {
    const content = await textOf(partsOf(name).path, host)
    if (content === null) return null
    const lines = findLine(content, props)
    return props.absent && lines.length === 0 ? null : { lines, content }
  },

  steps(name, props, _changes, current) {
    const { path } = partsOf(name)
    if (current === null && !props.create) {
      const hint = `declare file:${path} before it, or "create: true"`
      throw new Failure('not-found', `${path} is not there`, { about: path, hint })
    }
    if (!props.absent && props.which === 'only' && (current?.lines.length ?? 0) > 1) {
      throw new Failure('conflict', `${current?.lines.length} different lines of ${path} match`, {
        about: path,
        hint: 'make "match" narrower, or say "which: first", "last" or "all"',
      })
    }
    const content = editLine(path, current?.content ?? '', props)
    return [rewrite(path, content, { ...props, backup: current && props.backup })]
  },

  watches: (name) => [{ path: partsOf(name).path }],

  requires: (name) => [...above(partsOf(name).path), `file:${partsOf(name).path}`],

  restore: (name, props, former) => restoreLine(name, props, former),

  sharesPaths: true,

  examples: [
    `line: /etc/ssh/sshd_config#PermitRootLogin
text: PermitRootLogin no
match: ^#?PermitRootLogin\\b
which: first
before: ^Match\\b
validate: sshd -t -f %s
reloads: service:ssh.service`,
    `line: /etc/default/grub
text: GRUB_CMDLINE_LINUX="\\1 panic=10"
match: ^GRUB_CMDLINE_LINUX="(.*?)( panic=10)?"$
backrefs: true`,
    `line: /etc/apt/sources.list#cdrom
match: "^deb cdrom:"
absent: true`,
  ],
})

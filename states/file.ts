import * as v from 'valibot'
import { managed } from '../lib/accounts.ts'
import { ownersFromAbove } from '../lib/below.ts'
import { Failure } from '../lib/failure.ts'
import { ManagedPath, Mode } from '../lib/names.ts'
import { absent, backup, force, Kind, needsOf, owned, ownerSteps, refuse, validate } from '../lib/paths.ts'
import { restorePaths } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { wordsOf } from '../lib/text.ts'

/**
 * A regular file: its content, mode and owner.
 *
 * Content comes from `content`, `template` or `source`; without any of them it is not managed, and a file that is
 * missing is made empty. A file is replaced whole and atomically, never written in place.
 */
export const file = defineState({
  type: 'file',
  name: ManagedPath,

  props: v.strictObject({
    sha256: v.nullish(v.pipe(v.string(), v.length(64)), null),
    ...owned('0644'),
    once: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Content is written when the file is missing, and left alone afterwards.'),
      ),
      false,
    ),
    validate,
    backup,
    allow_setuid: v.optional(
      v.pipe(v.boolean(), v.description('Lets `mode` have a setuid, setgid or sticky bit.')),
      false,
    ),
    force,
    absent,
  }),

  fields: v.strictObject({
    kind: Kind,
    sha256: v.string(),
    mode: Mode,
    owner: v.string(),
    group: v.string(),
  }),

  carriesContent: true,

  desired(_name, { absent, once, sha256, mode, owner, group }) {
    if (absent) return null
    return {
      kind: 'file',
      ...(sha256 !== null && !once && { sha256 }),
      ...managed({ mode, owner, group }),
    }
  },

  async read(path, { sha256, once }, host) {
    const stat = await host.stat(path)
    if (stat === null) return null
    const { kind, mode, owner, group } = stat
    // A digest that nothing is compared with need not be made.
    const digest = kind === 'file' && sha256 !== null && !once ? await host.sha256(path) : ''
    return { kind, mode, owner, group, sha256: digest }
  },

  steps(path, props, changes, current) {
    const { absent, sha256, mode, owner, group, force } = props
    // A link by that name is as good as a file: what it leads to stays.
    if (absent)
      return [
        {
          do: 'remove',
          path,
          recursive: isFileOrLink(current) ? false : refuse(path, current, 'file', force),
        },
      ]
    if (mode !== null && !/^0/.test(mode) && !props.allow_setuid) {
      throw new Failure('invalid', `mode "${mode}" has a setuid, setgid or sticky bit`, {
        hint: 'declare "allow_setuid: true" if that is meant',
      })
    }
    const steps: Step[] = []
    // A link is replaced by the rename that puts the file in place; anything else has to be asked for.
    if (changes.has('kind') && current !== null && !isFileOrLink(current)) {
      steps.push({ do: 'remove', path, recursive: refuse(path, current, 'file', force) })
    }
    if (changes.has('kind') || changes.has('sha256')) {
      const content = sha256 === null ? { text: '' } : { sha256 }
      const validate = props.validate === null ? null : wordsOf(props.validate)
      const backup = current && props.backup
      steps.push({ do: 'write', path, content, mode, owner, group, validate, backup })
      return steps
    }
    return [...steps, ...ownerSteps(path, props, changes)]
  },

  complete: ownersFromAbove,

  watches: (path) => [{ path }],

  requires: (path, props) => needsOf(path, props),

  restore: (_path, _props, { paths }) => restorePaths(paths, 'file'),

  examples: [
    `file: /etc/motd
content: |
  This host is kept by drover.`,
    `file: /etc/sudoers.d/deploy
template: sudoers.j2
mode: "0440"
validate: visudo -cf %s`,
    `file: /etc/nginx/sites-enabled/default
absent: true
reloads: service:nginx.service`,
  ],
})

const isFileOrLink = (current: { kind: string } | null) =>
  current?.kind === 'file' || current?.kind === 'link'

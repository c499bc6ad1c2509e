import * as v from 'valibot'
import { Failure } from '../lib/failure.ts'
import { ManagedPath, Mode } from '../lib/names.ts'
import {
  above,
  absent,
  accountsOf,
  force,
  group,
  Kind,
  mode,
  owner,
  ownerSteps,
  refuse,
} from '../lib/paths.ts'
import { type Argv, defineState, type Step } from '../lib/state.ts'

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
    mode: mode('0644'),
    owner,
    group,
    once: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Content is written when the file is missing, and left alone afterwards.'),
      ),
      false,
    ),
    validate: v.nullish(
      v.pipe(
        v.string(),
        v.minLength(1),
        v.description(
          'A command, without a shell, that must accept the content. With `%s` it is given the new file before it is put in place; without, it runs afterwards and the old file comes back when it fails.',
        ),
      ),
      null,
    ),
    backup: v.nullish(
      v.pipe(ManagedPath, v.description('Where the old file is kept when the content changes.')),
      null,
    ),
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
      ...(mode !== null && { mode }),
      ...(owner !== null && { owner }),
      ...(group !== null && { group }),
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
    const { absent, sha256, mode, owner, group, force, backup } = props
    if (absent) return [{ do: 'remove', path, recursive: refuse(path, current, 'file', force) }]
    if (mode !== null && !/^0/.test(mode) && !props.allow_setuid) {
      throw new Failure('invalid', `mode "${mode}" has a setuid, setgid or sticky bit`, {
        hint: 'declare "allow_setuid: true" if that is meant',
      })
    }
    const steps: Step[] = []
    // A link is replaced by the rename that puts the file in place; anything else has to be asked for.
    if (changes.has('kind') && current !== null && current.kind !== 'link') {
      steps.push({ do: 'remove', path, recursive: refuse(path, current, 'file', force) })
    }
    if (changes.has('kind') || changes.has('sha256')) {
      const content = sha256 === null ? { text: '' } : { sha256 }
      const validate = props.validate === null ? null : (props.validate.split(/ +/) as unknown as Argv)
      steps.push({ do: 'write', path, content, mode, owner, group, validate, backup: current && backup })
      return steps
    }
    return [...steps, ...ownerSteps(path, props, changes)]
  },

  watches: (path) => [{ path }],

  requires: (path, props) => [...above(path), ...accountsOf(props)],

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

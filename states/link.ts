import * as v from 'valibot'
import { ManagedPath } from '../lib/names.ts'
import { above, absent, force, Kind, refuse } from '../lib/paths.ts'
import { restorePaths } from '../lib/restore.ts'
import { defineState } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'

/**
 * A symbolic link and where it leads.
 *
 * The target is taken as it is written: relative or absolute, there or not. A link is swapped in atomically, so its
 * name is never missing while it changes.
 */
export const link = defineState({
  type: 'link',
  name: ManagedPath,

  props: v.pipe(
    v.strictObject({
      to: v.nullish(
        v.pipe(
          v.string(),
          v.minLength(1),
          v.maxLength(4095),
          v.description('Where it leads. Required unless `absent`.'),
        ),
        null,
      ),
      force,
      absent,
    }),
    v.check(({ to, absent }) => absent || to !== null, 'a link needs "to"'),
  ),

  fields: v.strictObject({ kind: Kind, target: v.string() }),

  desired: (_name, { absent, to }) => (absent ? null : { kind: 'link', ...(to !== null && { target: to }) }),

  async read(path, _props, host) {
    const stat = await host.stat(path)
    return stat && { kind: stat.kind, target: stat.target ?? '' }
  },

  steps(path, { absent, to, force }, changes, current) {
    if (absent) return [{ do: 'remove', path, recursive: refuse(path, current, 'link', force) }]
    const steps: Step[] = []
    if (changes.has('kind') && current !== null) {
      const recursive = refuse(path, current, 'link', force)
      // A file gives way to the rename that puts the link in place; a directory has to go first.
      if (current.kind === 'directory') steps.push({ do: 'remove', path, recursive })
    }
    return [...steps, { do: 'link', path, target: to ?? '' }]
  },

  watches: (path) => [{ path }],

  requires: (path) => above(path),

  restore: (_path, _props, { paths }) => restorePaths(paths, 'link'),

  examples: [
    `link: /etc/nginx/sites-enabled/app
to: ../sites-available/app`,
    `link: /usr/local/bin/old-name
absent: true`,
  ],
})

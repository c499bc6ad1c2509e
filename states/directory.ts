import { posix } from 'node:path'
import * as v from 'valibot'
import { managed } from '../lib/accounts.ts'
import { declaredOwners, ownedByOthers, ownersFromAbove } from '../lib/below.ts'
import { ManagedPath, Mode } from '../lib/names.ts'
import { absent, force, Kind, needsOf, owned, ownerSteps, refuse } from '../lib/paths.ts'
import { putBack, restorePaths } from '../lib/restore.ts'
import { type Changes, defineState } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'

/**
 * A directory: its mode and owner, and whether anything may be in it that nobody declared.
 *
 * With `purge`, whatever no other resource of the catalog declares is removed from the directory itself; with
 * `recurse`, owner and group are those of everything below it too, but for what another resource gives an owner.
 * `absent` removes an empty directory, and one that holds something only with `recursive`.
 */
export const directory = defineState({
  type: 'directory',
  name: ManagedPath,

  props: v.strictObject({
    ...owned('0755'),
    purge: v.optional(v.pipe(v.boolean(), v.description('What is not declared is removed from it.')), false),
    keep: v.optional(v.pipe(v.array(v.string()), v.description('Names that `purge` leaves alone.')), []),
    recurse: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Owner and group hold for everything below it as well; modes do not.'),
      ),
      false,
    ),
    apart: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description('Paths below it that `recurse` leaves alone, and all below those that end in "/".'),
      ),
      [],
    ),
    recursive: v.optional(
      v.pipe(v.boolean(), v.description('With `absent`: it is removed with all that is in it.')),
      false,
    ),
    force,
    absent,
  }),

  fields: v.strictObject({
    kind: Kind,
    mode: Mode,
    owner: v.string(),
    group: v.string(),
    /** With `purge`: names in it that nobody declared. */
    undeclared: v.array(v.string()),
    /** With `recurse`: paths below it that have another owner or group. */
    owned_by_others: v.array(v.string()),
  }),

  sets: ['keep', 'apart'],

  desired(_name, { absent, mode, owner, group, purge, recurse }) {
    if (absent) return null
    return {
      kind: 'directory',
      ...managed({ mode, owner, group }),
      ...(purge && { undeclared: [] }),
      ...(recurse && { owned_by_others: [] }),
    }
  },

  async read(path, { keep, purge, recurse, apart, owner, group }, host) {
    const stat = await host.stat(path)
    if (stat === null) return null
    const { kind, mode } = stat
    const inside = kind === 'directory' && purge ? ((await host.list(path)) ?? []) : []
    const undeclared = inside.filter((name) => !keep.includes(name))
    // What is to go need not be given away first.
    const left = new Set([...apart, ...undeclared.flatMap((name) => [`${path}/${name}`, `${path}/${name}/`])])
    const others =
      kind === 'directory' && recurse ? await ownedByOthers(path, { owner, group }, left, host) : []
    return {
      kind,
      mode,
      owner: stat.owner,
      group: stat.group,
      undeclared,
      owned_by_others: others,
    }
  },

  steps(path, props, changes, current) {
    const { absent, recursive, force, owner, group } = props
    if (absent)
      return [{ do: 'remove', path, recursive: refuse(path, current, 'directory', force) || recursive }]
    const steps: Step[] = []
    if (changes.has('kind')) {
      if (current !== null)
        steps.push({ do: 'remove', path, recursive: refuse(path, current, 'directory', force) })
      steps.push({
        do: 'mkdir',
        path,
        mode: props.mode ?? '0755',
        owner: owner ?? 'root',
        group: group ?? 'root',
      })
      return steps
    }
    return [...ownerSteps(path, props, changes), ...insideSteps(path, props, changes, current)]
  },

  complete(path, given, all) {
    const props = ownersFromAbove(path, given, all)
    const apart = props.recurse ? declaredOwners(path, all) : []
    if (!props.purge) return { ...props, apart: [...props.apart, ...apart] }
    // A job of cron or a line has no path for a name, but watches the file that it is.
    const declared = all.flatMap(({ name, paths }) => [name, ...paths])
    const inside = declared.filter((other) => other.startsWith(`${path}/`))
    const names = inside.map((other) => other.slice(path.length + 1).split('/')[0] ?? other)
    return {
      ...props,
      apart: [...props.apart, ...apart],
      keep: [...new Set([...props.keep, ...names])].sort(),
    }
  },

  watches: (path, { purge }) => [{ path }, ...(purge ? [{ directory: path }] : [])],

  requires: (path, props) => needsOf(path, props),

  restore(path, _props, { paths }) {
    // What was purged from it has its place below it.
    const [own, inside] = [paths.filter((one) => one.path === path), paths.filter((one) => one.path !== path)]
    const unchanged = putBack({
      type: 'directory',
      name: path,
      props: { mode: null, owner: null, group: null },
    })
    const above = own.length === 0 ? unchanged : restorePaths(own, 'directory')
    const below = restorePaths(inside, 'file')
    return { back: [...above.back, ...below.back], stays: [...above.stays, ...below.stays] }
  },

  examples: [
    `directory: /srv/app
owner: app
mode: "0750"`,
    `directory: /etc/nginx/sites-enabled
purge: true
reloads: service:nginx.service`,
  ],
})

function insideSteps(
  path: string,
  { owner, group }: { owner: string | null; group: string | null },
  changes: Changes,
  current: { undeclared: readonly string[]; owned_by_others: readonly string[] } | null,
): Step[] {
  const undeclared = changes.has('undeclared') ? (current?.undeclared ?? []) : []
  const others = changes.has('owned_by_others') ? (current?.owned_by_others ?? []) : []
  return [
    ...undeclared.map((name): Step => ({ do: 'remove', path: posix.join(path, name), recursive: true })),
    ...others.map((other): Step => ({ do: 'chown', path: other, owner, group })),
  ]
}

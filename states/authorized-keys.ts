import { posix } from 'node:path'
import * as v from 'valibot'
import { asSet } from '../lib/accounts.ts'
import { Failure } from '../lib/failure.ts'
import type { Host, Stat } from '../lib/host.ts'
import { AccountName, ManagedPath, Mode, OwnerName, Path } from '../lib/names.ts'
import { above, absent, Kind, ownerSteps, refuse } from '../lib/paths.ts'
import { isOneOf, linesOf, merged, PublicKeyLine } from '../lib/public-key.ts'
import { putBack, restorePaths } from '../lib/restore.ts'
import { type Changes, defineState } from '../lib/state.ts'
import type { Step } from '../lib/step.ts'
import { homeOf, type UserProps } from '../lib/user-steps.ts'

const Keys = (description: string) =>
  v.optional(v.nullable(v.pipe(v.array(PublicKeyLine), v.description(description))), null)

/**
 * The keys by which a user of this host logs in over SSH: the lines of its authorized_keys file.
 *
 * Nothing but `keys` is in the file, comments included, unless `exclusive: false`: then those are added, whatever
 * else is there stays, and a key that is there with other options is given the declared ones. The file is the user's
 * own with mode 0600, and ~/.ssh with mode 0700. Nothing is written through a link that the user could have made.
 * The home is the one in /etc/passwd; of a user that is not there yet it is the one that `user` declares.
 */
export const authorizedKeys = defineState({
  type: 'authorized-keys',
  name: AccountName,

  props: v.pipe(
    v.strictObject({
      keys: Keys('Public keys, each a whole line with its options and comment. Required unless `absent`.'),
      revoked: Keys('With `exclusive: false`: keys that must not be there, whatever their options.'),
      exclusive: v.optional(v.pipe(v.boolean(), v.description('Nothing but `keys` is in the file.')), true),
      file: v.optional(
        v.nullable(
          v.pipe(
            ManagedPath,
            v.description('The file, when sshd looks elsewhere; left out, ~/.ssh/authorized_keys.'),
          ),
        ),
        null,
      ),
      home: v.optional(
        v.nullable(
          v.pipe(
            Path,
            v.description('Home of a user that is not there yet; left out, as `user` declares it.'),
          ),
        ),
        null,
      ),
      group: v.optional(
        v.nullable(
          v.pipe(
            OwnerName,
            v.description('Primary group of a user that is not there yet; left out, as `user` declares it.'),
          ),
        ),
        null,
      ),
      absent,
    }),
    v.check(
      ({ keys, absent }) => keys !== null || absent,
      '"keys" must be declared: an empty list lets nobody in',
    ),
  ),

  fields: v.strictObject({
    exists: v.boolean(),
    kind: Kind,
    keys: v.array(v.string()),
    revoked: v.array(v.string()),
    mode: Mode,
    owner: v.string(),
    /** It belongs to the user's primary group. */
    own_group: v.boolean(),
    folder_mode: v.string(),
    folder_owner: v.string(),
    folder_kind: v.nullable(Kind),
    /** Empty when nobody knows where the home is. */
    path: v.string(),
    group: v.string(),
    text: v.string(),
  }),

  sets: ['keys', 'revoked'],

  desired(name, { absent, keys, revoked, exclusive, file }) {
    if (absent) return { exists: false }
    return {
      exists: true,
      kind: 'file',
      keys: asSet(keys ?? []),
      ...(!exclusive && revoked !== null && { revoked: [] }),
      mode: '0600',
      owner: name,
      own_group: true,
      ...(file === null && { folder_mode: '0700', folder_owner: name }),
    }
  },

  async read(name, props, host) {
    const { path, group } = await placeOf(name, props, host)
    const stat = path === '' ? null : await host.stat(path)
    const folder = path === '' ? null : await host.stat(posix.dirname(path))
    const text = stat?.kind === 'file' ? ((await host.text(path)) ?? '') : ''
    const lines = linesOf(text)
    return {
      ...ownershipOf(stat, folder, group),
      // Sorted and not made a set: a line that is there twice is one too many.
      keys: (props.exclusive ? lines : asSet(lines.filter((line) => props.keys?.includes(line)))).toSorted(),
      revoked: lines.filter((line) => isOneOf(line, props.revoked ?? [])),
      ...{ path, group, text },
    }
  },

  steps(name, { absent, keys, revoked, exclusive, file }, changes, current) {
    if (current === null || current.path === '') {
      throw new Failure('not-found', `user "${name}" is unknown on this host`, {
        about: name,
        hint: `declare user:${name} before it`,
      })
    }
    const { path, group, text } = current
    refuse(path, current.kind === 'link' ? null : current, 'file', false)
    if (absent) return [{ do: 'remove', path, recursive: false }]
    const steps = file === null ? folderSteps(posix.dirname(path), name, changes, current) : []
    if (['exists', 'kind', 'keys', 'revoked'].some((field) => changes.has(field))) {
      const lines = exclusive ? [...new Set(keys)] : merged(text, keys ?? [], revoked ?? [])
      const content = { text: lines.map((line) => `${line}\n`).join('') }
      const how = { mode: '0600', owner: name, group, validate: null, backup: null }
      return [...steps, { do: 'write', path, content, ...how }]
    }
    const moved = changes.has('owner') || changes.has('own_group')
    const owned = moved ? new Map(changes).set('group', { field: 'group', from: null, to: group }) : changes
    return [...steps, ...ownerSteps(path, { mode: '0600', owner: name, group }, owned)]
  },

  complete(name, props, all) {
    const user = all.find((one) => one.type === 'user' && one.name === name)?.props
    if (user === undefined) return props
    const group = props.group ?? (user.group as string | null) ?? name
    return { ...props, group, home: props.home ?? homeOf(name, user as unknown as UserProps) }
  },

  watches: (name, { file }) => [{ path: file ?? usual(name) }],

  requires: (name, { file }) => [`user:${name}`, ...above(file ?? usual(name))],

  async restore(name, { keys }, { fields, paths, host, text }) {
    const path = fields?.path || (paths.at(-1)?.path ?? '')
    const image = paths.find((one) => one.path === path)
    if (image === undefined) return restorePaths(paths, 'file')
    const before = linesOf(text(path) ?? '')
    const now = linesOf((await host.text(path)) ?? '')
    // Keys that came since are somebody else's.
    if (now.some((line) => !before.includes(line) && !keys?.includes(line))) {
      const revoked = (keys ?? []).filter((line) => !before.includes(line))
      return putBack({ type: 'authorized-keys', name, props: { keys: [], revoked, exclusive: false } })
    }
    const own = restorePaths([image], 'file')
    const folder = restorePaths(
      paths.filter((one) => one !== image),
      'directory',
    )
    return { back: [...own.back, ...folder.back], stays: [...own.stays, ...folder.stays] }
  },

  examples: [
    `authorized-keys: alice
keys:
  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDQhdzLR8jtgykdqG8DVOgQA5KKvwqgs66HWII5xCTAM alice@laptop`,
    `authorized-keys: backup
exclusive: false
keys:
  - restrict,command="rrsync -ro /srv" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINB4iFBJh7+9vQsW0KHEjk3dVOLcZ5XUQAwZaoQzFi/I store`,
  ],
})

/** Where the file of most users is, for what has to be named without asking the host. */
const usual = (name: string) => `${name === 'root' ? '/root' : `/home/${name}`}/.ssh/authorized_keys`

type Place = { readonly file: string | null; readonly home: string | null; readonly group: string | null }

/** The file and who it belongs to beside the user; no path when nobody knows where the home is. */
async function placeOf(name: string, { file, home, group }: Place, host: Host) {
  const user = await host.user(name)
  const below = user?.home ?? home
  const path = below === null ? '' : (file ?? posix.join(below, '.ssh/authorized_keys'))
  if (user === null) return { path, group: group ?? name }
  return { path, group: (await host.groupOf(user.gid)) ?? `${user.gid}` }
}

const ownershipOf = (stat: Stat | null, folder: Stat | null, group: string) => ({
  exists: stat !== null,
  kind: stat?.kind ?? ('file' as const),
  mode: stat?.mode ?? '0000',
  owner: stat?.owner ?? '',
  own_group: stat?.group === group,
  folder_mode: folder?.mode ?? '',
  folder_owner: folder?.owner ?? '',
  folder_kind: folder?.kind ?? null,
})

function folderSteps(
  path: string,
  owner: string,
  changes: Changes,
  { folder_kind, group }: { folder_kind: string | null; group: string },
): Step[] {
  if (folder_kind === null) return [{ do: 'mkdir', path, mode: '0700', owner, group }]
  if (folder_kind !== 'directory') {
    throw new Failure('conflict', `${path} is no directory but a ${folder_kind}`, {
      about: path,
      hint: 'look at what it is; then remove it by hand',
    })
  }
  const chown: Step[] = changes.has('folder_owner') ? [{ do: 'chown', path, owner, group }] : []
  return changes.has('folder_mode') ? [...chown, { do: 'chmod', path, mode: '0700' }] : chown
}

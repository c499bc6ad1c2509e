import { posix } from 'node:path'
import * as v from 'valibot'
import { asSet } from '../lib/accounts.ts'
import { Failure } from '../lib/failure.ts'
import { AccountName, ManagedPath, Mode } from '../lib/names.ts'
import { above, absent, Kind, ownerSteps, refuse } from '../lib/paths.ts'
import { PublicKeyLine, publicKeyOf } from '../lib/public-key.ts'
import { type Changes, defineState, type Step } from '../lib/state.ts'

const Keys = (description: string) =>
  v.optional(v.nullable(v.pipe(v.array(PublicKeyLine), v.description(description))), null)

/**
 * The keys by which a user of this host logs in over SSH: the lines of its authorized_keys file.
 *
 * Nothing but `keys` is in the file, comments included, unless `exclusive: false`: then those are added, whatever
 * else is there stays, and a key that is there with other options is given the declared ones. The file is the user's
 * own with mode 0600, and ~/.ssh with mode 0700. Nothing is written through a link that the user could have made.
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
    /** Empty when the user is unknown. */
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

  async read(name, { keys, revoked, exclusive, file }, host) {
    const user = await host.user(name)
    const path = user === null ? '' : (file ?? posix.join(user.home, '.ssh/authorized_keys'))
    const stat = path === '' ? null : await host.stat(path)
    const folder = path === '' ? null : await host.stat(posix.dirname(path))
    const text = stat?.kind === 'file' ? ((await host.text(path)) ?? '') : ''
    const lines = linesOf(text)
    const group = user === null ? '' : ((await host.groupOf(user.gid)) ?? `${user.gid}`)
    return {
      exists: stat !== null,
      kind: stat?.kind ?? 'file',
      // Sorted and not made a set: a line that is there twice is one too many.
      keys: (exclusive ? lines : asSet(lines.filter((line) => keys?.includes(line)))).toSorted(),
      revoked: lines.filter((line) => isOneOf(line, revoked ?? [])),
      mode: stat?.mode ?? '0000',
      owner: stat?.owner ?? '',
      own_group: stat?.group === group,
      folder_mode: folder?.mode ?? '',
      folder_owner: folder?.owner ?? '',
      folder_kind: folder?.kind ?? null,
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

  watches: (name, { file }) => [{ path: file ?? usual(name) }],

  requires: (name, { file }) => [`user:${name}`, ...above(file ?? usual(name))],

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

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Whether a line holds one of these keys, with whatever options. */
function isOneOf(line: string, keys: readonly string[]): boolean {
  const body = publicKeyOf(line)?.body
  return body !== undefined && keys.some((key) => publicKeyOf(key)?.body === body)
}

/** The lines of others as they are, with declared keys in place of those that are the same but for their options. */
function merged(text: string, keys: readonly string[], revoked: readonly string[]): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const others = (text === '' ? [] : lines).filter((line) => !isOneOf(line, [...keys, ...revoked]))
  return [...others, ...[...new Set(keys)].filter((key) => !isOneOf(key, revoked))]
}

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

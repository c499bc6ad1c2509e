import * as v from 'valibot'
import { Failure } from './failure.ts'
import type { Stat } from './host.ts'
import { ManagedPath, Mode, OwnerName } from './names.ts'
import type { Changes, ResourceId } from './state.ts'
import type { Step } from './step.ts'

/** What the states that manage a path have in common. */

export const Kind = v.picklist(['file', 'directory', 'link', 'fifo', 'socket', 'device'])

// `null` is an answer (not managed), so a default stands for what is left out alone.
const mode = (usual: string) =>
  v.optional(v.nullable(v.pipe(Mode, v.description('Four octal digits in quotes.'))), usual)

const owner = v.optional(
  v.nullable(v.pipe(OwnerName, v.description('A user name, or a number in quotes.'))),
  'root',
)

const group = v.optional(
  v.nullable(v.pipe(OwnerName, v.description('A group name, or a number in quotes.'))),
  'root',
)

/** The props of what has a mode and an owner. */
export const owned = (usualMode: string) => ({ mode: mode(usualMode), owner, group })

export const absent = v.optional(v.pipe(v.boolean(), v.description('It must not be there.')), false)

export const force = v.optional(
  v.pipe(
    v.boolean(),
    v.description('Something of another kind in its place is removed, a directory with all that is in it.'),
  ),
  false,
)

export const validate = v.optional(
  v.nullable(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.description(
        'A command, without a shell, that must accept the content. With `%s` it is given the new file before it is put in place; without, it runs afterwards and the old file comes back when it fails.',
      ),
    ),
  ),
  null,
)

export const backup = v.optional(
  v.nullable(v.pipe(ManagedPath, v.description('Where the old file is kept when the content changes.'))),
  null,
)

/**
 * Everything on the way to a path: whichever of it the catalog declares comes first. A file there is a mistake, which
 * is then found before it takes the place of what was just made below it.
 */
export function above(path: string): ResourceId[] {
  const ids: ResourceId[] = []
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
    const up = path.slice(0, at)
    ids.push(`directory:${up}`, `link:${up}`, `file:${up}`)
  }
  return ids
}

type Owned = { readonly mode: string | null; readonly owner: string | null; readonly group: string | null }

/** What an owned thing needs: the way to it, and the accounts that own it. */
export function needsOf(path: string, { owner, group }: Owned): ResourceId[] {
  return [
    ...above(path),
    ...(owner === null ? [] : [`user:${owner}` as const]),
    ...(group === null ? [] : [`group:${group}` as const]),
  ]
}

/** Sets mode and owner on what is there. */
export function ownerSteps(path: string, { mode, owner, group }: Owned, changes: Changes): Step[] {
  const steps: Step[] = []
  const chown = changes.has('owner') || changes.has('group')
  if (chown) {
    steps.push({
      do: 'chown',
      path,
      owner: changes.has('owner') ? owner : null,
      group: changes.has('group') ? group : null,
    })
  }
  // chown clears setuid and setgid, so the mode is set after the owner.
  if (mode !== null && (chown || changes.has('mode'))) steps.push({ do: 'chmod', path, mode })
  return steps
}

/**
 * Whether what stands at a path is to be removed with all that is in it. Throws `Failure('conflict')` when it is of
 * another kind than declared and nobody said that it may go.
 */
export function refuse(
  path: string,
  current: Pick<Stat, 'kind'> | null,
  kind: Stat['kind'],
  force: boolean,
): boolean {
  if (current === null || current.kind === kind) return false
  if (force) return current.kind === 'directory'
  throw new Failure('conflict', `${path} is a ${current.kind}, not a ${kind}`, {
    about: path,
    hint: 'look at what it is; then remove it by hand, or declare "force: true"',
  })
}

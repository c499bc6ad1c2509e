import { posix } from 'node:path'
import type { Host } from './host.ts'
import type { Declared } from './state.ts'

/** What is below a directory, for a declaration that holds for all of it. */

export type Owners = { readonly owner: string | null; readonly group: string | null }

/**
 * Paths below a directory whose owner another resource declares. One that ends in "/" declares it for all below it
 * as well.
 */
export function declaredOwners(path: string, all: readonly Declared[]): string[] {
  const found = all.flatMap(({ name, paths, props }) => {
    // What a line makes is of root.
    if (!givesOwner(props) && props.create !== true) return []
    return [...new Set([name, ...paths])]
      .filter((other) => other.startsWith(`${path}/`))
      .map((other) => (props.recurse === true ? `${other}/` : other))
  })
  return found.sort()
}

const givesOwner = ({ owner = null, group = null }: Declared['props']) => owner !== null || group !== null

/**
 * What declares no owner has that of the nearest directory above which holds for all below it, so that it is made with
 * that and not given it by a later run.
 */
export function ownersFromAbove<Props extends Owners & { readonly absent: boolean }>(
  path: string,
  props: Props,
  all: readonly Declared[],
): Props {
  if (props.absent || givesOwner(props)) return props
  const above = all.filter(
    ({ type, name, props }) =>
      type === 'directory' && props.recurse === true && givesOwner(props) && path.startsWith(`${name}/`),
  )
  const nearest = above.toSorted((a, b) => b.name.length - a.name.length)[0]?.props as Above | undefined
  if (nearest === undefined || nearest.absent) return props
  const isApart = nearest.apart.some(
    (other) => other === path || (other.endsWith('/') && `${path}/`.startsWith(other)),
  )
  return isApart ? props : { ...props, owner: nearest.owner, group: nearest.group }
}

type Above = Owners & { readonly absent: boolean; readonly apart: readonly string[] }

/** Paths below a directory, without `apart`, that have another owner or group. */
export async function ownedByOthers(
  path: string,
  wanted: Owners,
  apart: ReadonlySet<string>,
  host: Host,
): Promise<string[]> {
  const others: string[] = []
  for (const name of (await host.list(path)) ?? []) {
    const inside = posix.join(path, name)
    if (apart.has(`${inside}/`)) continue
    const stat = await host.stat(inside)
    // A link's own owner says nothing about what it leads to.
    if (stat === null || stat.kind === 'link') continue
    const differs = (wanted.owner ?? stat.owner) !== stat.owner || (wanted.group ?? stat.group) !== stat.group
    if (differs && !apart.has(inside)) others.push(inside)
    if (stat.kind === 'directory') others.push(...(await ownedByOthers(inside, wanted, apart, host)))
  }
  return others
}

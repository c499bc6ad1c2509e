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
    if ((props.owner ?? null) === null && (props.group ?? null) === null) return []
    return [...new Set([name, ...paths])]
      .filter((other) => other.startsWith(`${path}/`))
      .map((other) => (props.recurse === true ? `${other}/` : other))
  })
  return found.sort()
}

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

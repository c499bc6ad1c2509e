import type { Diagnostics } from './diagnostics.ts'
import { meant } from './nearest.ts'
import type { MapEntry, MapNode } from './tree.ts'
import { shorten } from './tree.ts'

/** The entries by key. A key that is not known is reported with the nearest one, and left out. */
export function knownEntries<K extends string>(
  node: MapNode,
  known: readonly K[],
  what: string,
  found: Diagnostics,
): Partial<Record<K, MapEntry>> {
  const entries: Partial<Record<K, MapEntry>> = {}
  for (const entry of node.entries) {
    if ((known as readonly string[]).includes(entry.key)) entries[entry.key as K] = entry
    else unknownKey(entry, known, what, found)
  }
  return entries
}

export function unknownKey(
  entry: MapEntry,
  known: readonly string[],
  what: string,
  found: Diagnostics,
): void {
  found.error('E_UNKNOWN_KEY', entry.place, `${what} has no key "${shorten(entry.key)}"`, {
    allowed: known.join(', '),
    hint: meant(entry.key, known),
  })
}

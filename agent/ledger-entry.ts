import type { Resource } from '../lib/catalog.ts'
import type { PreImage } from '../lib/pre-image.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Reaction, ResourceId } from '../lib/state.ts'

/** One resource that drover made or changed on this host, and what was there before. */
export type Entry = {
  readonly id: ResourceId
  /** The site and the host that declare it, or did last. Nobody else takes it back. */
  readonly owner: string
  /** When drover first changed it, in milliseconds since 1970. */
  readonly since: number
  /** When a run first found that no role declares it any more; `null`: one does. */
  readonly leftAt: number | null
  /** Who declares it, or did last. */
  readonly claims: readonly { readonly role: string; readonly place: string }[]
  readonly onRemove: Resource['onRemove']
  readonly needs: readonly ResourceId[]
  /** Who restarts or reloads when it changes. */
  readonly reactors: readonly { readonly id: ResourceId; readonly reaction: Reaction }[]
  /** As they were last applied. A secret is a digest of itself; of content that holds one there is no digest. */
  readonly props: Readonly<Record<string, unknown>>
  readonly holdsSecret: boolean
  readonly before: PreImage
}

/** What every run compares of an entry, and where it stands in the file. A catalog may have many: no more is in memory. */
export type Known = {
  readonly at: number
  readonly bytes: number
  /** A digest of what its resource says. */
  readonly declared: string
  readonly left: boolean
  /** Paths at which there may be a secret that drover has put there. */
  readonly secretPaths: readonly string[]
}

type Declared = 'owner' | 'claims' | 'onRemove' | 'needs' | 'reactors' | 'holdsSecret' | 'props'
export type Declaration = Pick<Entry, Declared>

export const nameOf = ({ owner, claims, onRemove, needs, reactors, holdsSecret, props }: Declaration) =>
  sha256(JSON.stringify([owner, claims, onRemove, needs, reactors, holdsSecret, props]))

export const knownOf = (entry: Entry, at: number, bytes: number): Known => ({
  ...{ at, bytes, declared: nameOf(entry), left: entry.leftAt !== null },
  secretPaths: secretPathsOf(entry),
})

export const secretPathsOf = ({ holdsSecret, before }: Entry): readonly string[] =>
  holdsSecret ? before.paths.map(({ path }) => path) : []

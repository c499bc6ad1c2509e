import type { Reaction, ResourceId } from '../../lib/state.ts'
import type { Place } from '../site/diagnostics.ts'
import type { OnRemove } from '../site/resource.ts'
import type { YamlNode } from '../site/tree.ts'

/** A prop as it was given, with the places of its key and value. */
export type Given = {
  readonly value: unknown
  readonly node: YamlNode
  readonly key: Place
  /** Not written, but made of what was: the hash of content. */
  readonly made: boolean
}

/** A resource named by another one. */
export type Reference = { readonly id: ResourceId; readonly place: Place }

/** One resource of one role, its expressions evaluated, its props not yet checked. */
export type Declared = {
  readonly id: ResourceId
  readonly type: string
  /** `null` when it could not be had: such a one reaches no catalog. */
  readonly name: string | null
  readonly role: string
  readonly place: Place
  readonly given: ReadonlyMap<string, Given>
  /** Props whose value could not be had; that they are missing is no second mistake. */
  readonly failed: ReadonlySet<string>
  readonly needs: readonly Reference[]
  /** What makes this one restart or reload. */
  readonly causes: readonly { readonly reaction: Reaction; readonly on: Reference }[]
  /** What this one makes restart or reload. */
  readonly effects: readonly { readonly reaction: Reaction; readonly target: Reference }[]
  readonly onRemove: OnRemove | null
  readonly timeoutMs: number | null
  readonly tags: readonly string[]
}

export type Omitted = {
  readonly id: ResourceId
  readonly when: string
  readonly place: Place
  readonly role: string
}

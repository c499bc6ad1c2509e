import * as v from 'valibot'
import { Duration, milliseconds } from '../../lib/names.ts'
import type { Diagnostics, Place } from './diagnostics.ts'
import { checkIdentifier } from './identifiers.ts'
import type { MapEntry, MapNode, ScalarNode, YamlNode } from './tree.ts'
import { asMap, asString, asStrings, describe } from './tree.ts'

export const META_KEYS = [
  'when',
  'for_each',
  'as',
  'needs',
  'restart_on',
  'reload_on',
  'reloads',
  'restarts',
  'on_remove',
  'timeout',
  'tags',
] as const
export type MetaKey = (typeof META_KEYS)[number]

const ON_REMOVE = ['restore', 'remove', 'keep', 'quarantine'] as const
export type OnRemove = (typeof ON_REMOVE)[number]

/** One item of a role's `resources:`, before any expression in it is evaluated. */
export type ResourceDeclaration = {
  readonly type: string
  /** Where the type stands: the place by which people find the resource. */
  readonly place: Place
  readonly name: YamlNode
  /** As written, `null` values too: those mean "not managed". */
  readonly props: readonly MapEntry[]
  readonly when: ScalarNode | null
  readonly forEach: YamlNode | null
  readonly as: string
  readonly needs: readonly ScalarNode[]
  readonly restartOn: readonly ScalarNode[]
  readonly reloadOn: readonly ScalarNode[]
  readonly reloads: readonly ScalarNode[]
  readonly restarts: readonly ScalarNode[]
  readonly onRemove: OnRemove | null
  readonly timeoutMs: number | null
  readonly tags: readonly string[]
}

const isMeta = (key: string): key is MetaKey => (META_KEYS as readonly string[]).includes(key)

export function readResource(node: YamlNode, found: Diagnostics): ResourceDeclaration | null {
  const map = asMap(node, 'a resource', found)
  if (map === null) return null
  const meta = new Map(map.entries.filter(({ key }) => isMeta(key)).map((entry) => [entry.key, entry]))
  const [first, ...props] = map.entries.filter(({ key }) => !isMeta(key))
  if (first === undefined) {
    found.error('E_REQUIRED', map, 'a resource must begin with its type and name', {
      hint: 'write it such as "- package: nginx"',
    })
    return null
  }
  return { type: first.key, place: first.place, name: first.value, props, ...readMeta(meta, map, found) }
}

type Meta = Omit<ResourceDeclaration, 'type' | 'place' | 'name' | 'props'>

function readMeta(meta: ReadonlyMap<string, MapEntry>, map: MapNode, found: Diagnostics): Meta {
  const ids = (key: MetaKey): ScalarNode[] => {
    const entry = meta.get(key)
    return entry
      ? asStrings(entry.value, `${key} names resources such as "file:/etc/motd", and each`, found).map(
          ({ node }) => node,
        )
      : []
  }
  const forEach = meta.get('for_each')
  return {
    when: readWhen(meta.get('when'), found),
    forEach: forEach?.value ?? null,
    as: readAs(meta.get('as'), forEach !== undefined, map, found),
    needs: ids('needs'),
    restartOn: ids('restart_on'),
    reloadOn: ids('reload_on'),
    reloads: ids('reloads'),
    restarts: ids('restarts'),
    onRemove: readOnRemove(meta.get('on_remove'), found),
    timeoutMs: readTimeout(meta.get('timeout'), found),
    tags: readTags(meta.get('tags'), found),
  }
}

function readWhen(entry: MapEntry | undefined, found: Diagnostics): ScalarNode | null {
  if (entry === undefined) return null
  const { value } = entry
  if (value.kind === 'scalar' && (typeof value.value === 'string' || typeof value.value === 'boolean'))
    return value
  found.error('E_TYPE', value, `when must be an expression, got ${describe(value)}`)
  return null
}

function readAs(entry: MapEntry | undefined, loops: boolean, map: MapNode, found: Diagnostics): string {
  if (entry === undefined) return 'item'
  if (!loops)
    found.error('E_CONFLICT', entry.place, '"as" names the item of "for_each", which is not given here')
  const name = asString(entry.value, 'as', found)
  return name !== null && checkIdentifier('variable', name, entry.value ?? map, found) ? name : 'item'
}

function readOnRemove(entry: MapEntry | undefined, found: Diagnostics): OnRemove | null {
  if (entry === undefined) return null
  const value = asString(entry.value, 'on_remove', found)
  const known = ON_REMOVE.find((word) => word === value)
  if (known === undefined && value !== null) {
    const allowed = ON_REMOVE.join(', ')
    found.error('E_VALUE', entry.value, `on_remove must be one of ${allowed}, got "${value}"`, { allowed })
  }
  return known ?? null
}

function readTimeout(entry: MapEntry | undefined, found: Diagnostics): number | null {
  if (entry === undefined) return null
  const value = entry.value.kind === 'scalar' ? entry.value.value : null
  const checked = v.safeParse(Duration, value)
  if (checked.success) return milliseconds(checked.output)
  found.error('E_TYPE', entry.value, `timeout: ${checked.issues[0].message}, got ${describe(entry.value)}`)
  return null
}

function readTags(entry: MapEntry | undefined, found: Diagnostics): string[] {
  const tags = entry ? asStrings(entry.value, 'a tag', found) : []
  return tags.filter(({ text, node }) => checkIdentifier('group', text, node, found)).map(({ text }) => text)
}

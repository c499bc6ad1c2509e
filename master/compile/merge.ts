import type { Diagnostics, Place } from '../site/diagnostics.ts'
import type { States } from './declare.ts'
import type { Declared, Given } from './declared.ts'

/** Declarations of one resource, brought together from all roles. */
export type Merged = Declared & { readonly from: readonly { readonly role: string; readonly place: Place }[] }

export type Merging = {
  readonly merged: Merged[]
  /** Those of one role that stand twice. */
  readonly surplus: Declared[]
}

/** Each resource once. The same one twice in a role is a mistake; from two roles it merges or conflicts. */
export function merge(declared: readonly Declared[], states: States, found: Diagnostics): Merging {
  const surplus: Declared[] = []
  const byId = new Map<string, Merged>()
  const byNormalForm = new Map<string, Declared>()
  for (const one of declared) {
    const there = byId.get(one.id)
    if (there === undefined) {
      collide(one, byNormalForm, found)
      byId.set(one.id, { ...one, from: [{ role: one.role, place: one.place }] })
    } else if (there.from.some(({ role }) => role === one.role)) {
      duplicate(there, one, found)
      surplus.push(one)
    } else {
      byId.set(one.id, mergeTwo(there, one, states, found))
    }
  }
  return { merged: [...byId.values()], surplus }
}

const at = ({ file, line }: Place) => `${file}:${line}`

/** Two names that look the same but differ in their bytes: `é` as one character or as two. */
function collide(one: Declared, seen: Map<string, Declared>, found: Diagnostics): void {
  const form = one.id.normalize('NFC')
  const other = seen.get(form)
  if (other === undefined) {
    seen.set(form, one)
    return
  }
  const message = `${one.id} looks like the one at ${at(other.place)} but is written with other characters`
  found.error('E_NAME_COLLISION', one.place, message, { hint: 'write both in the same form (NFC)' })
}

function duplicate(there: Merged, one: Declared, found: Diagnostics): void {
  const first = there.from.find(({ role }) => role === one.role)?.place ?? there.place
  const spelled = one.name === there.name ? '' : ` (as "${there.name}")`
  const message = `${one.id} is declared twice in role ${one.role}; first at ${at(first)}${spelled}`
  found.error('E_DUP_RESOURCE', one.place, message, { hint: 'put both into one declaration' })
}

function mergeTwo(there: Merged, one: Declared, states: States, found: Diagnostics): Merged {
  const sets = states.get(one.type)?.sets ?? []
  return {
    ...there,
    given: mergeProps(there, one, sets, found),
    failed: new Set([...there.failed, ...one.failed]),
    needs: [...there.needs, ...one.needs],
    causes: [...there.causes, ...one.causes],
    effects: [...there.effects, ...one.effects],
    onRemove: mergeMeta('on_remove', there.onRemove, one.onRemove, there, one, found),
    timeoutMs: mergeMeta('timeout', there.timeoutMs, one.timeoutMs, there, one, found),
    tags: [...new Set([...there.tags, ...one.tags])],
    from: [...there.from, { role: one.role, place: one.place }],
  }
}

function mergeProps(
  there: Merged,
  one: Declared,
  sets: readonly string[],
  found: Diagnostics,
): Map<string, Given> {
  const merged = new Map(there.given)
  for (const [key, given] of one.given) {
    const before = merged.get(key)
    if (before === undefined) merged.set(key, given)
    else if (sets.includes(key) && Array.isArray(before.value) && Array.isArray(given.value)) {
      merged.set(key, { ...before, value: [...new Set([...before.value, ...given.value])] })
    } else if (JSON.stringify(before.value) !== JSON.stringify(given.value)) {
      conflict(key, before.node, given.node, there, one, found)
    }
  }
  return merged
}

function mergeMeta<T>(
  key: string,
  before: T | null,
  value: T | null,
  there: Merged,
  one: Declared,
  found: Diagnostics,
): T | null {
  if (before !== null && value !== null && before !== value)
    conflict(key, there.place, one.place, there, one, found)
  return before ?? value
}

function conflict(
  key: string,
  before: Place,
  place: Place,
  there: Merged,
  one: Declared,
  found: Diagnostics,
): void {
  const first = there.from[0]?.role ?? there.role
  const shown = key === 'sha256' ? 'content' : key
  const message = `roles ${first} and ${one.role} give ${one.id} a different ${shown}; the other one is at ${at(before)}`
  found.error('E_CONFLICT', place, message, {
    hint: 'declare it in one role, and include that role where it is needed',
  })
}

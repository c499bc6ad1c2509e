import type { Diagnostics, Place } from './diagnostics.ts'
import { checkIdentifier } from './identifiers.ts'
import { knownEntries } from './keys.ts'
import { meant } from './nearest.ts'
import { compilePattern } from './pattern.ts'
import type { MapEntry, MapNode, Plain, YamlNode } from './tree.ts'
import { asBoolean, asList, asMap, asString, describe, plain } from './tree.ts'

export const PARAM_TYPES = ['string', 'integer', 'number', 'boolean', 'list', 'map', 'any'] as const
export type ParamType = (typeof PARAM_TYPES)[number]

/** What a value must look like. */
export type Shape = {
  readonly type: ParamType
  /** Of each item of a list. */
  readonly items: Shape | null
  /** Of each value of a map. */
  readonly values: Shape | null
  /** Of a number itself; of the length of a string, list or map. */
  readonly min: number | null
  readonly max: number | null
  readonly pattern: { readonly source: string; readonly regex: RegExp } | null
  readonly oneOf: readonly Plain[] | null
}

export type ParamDeclaration = Shape & {
  readonly name: string
  readonly place: Place
  readonly required: boolean
  /** `null`: none is given, and the param is null unless a value is set. */
  readonly default: YamlNode | null
  readonly description: string | null
}

const SHAPE_KEYS = ['type', 'items', 'values', 'min', 'max', 'pattern', 'one_of'] as const
const PARAM_KEYS = [...SHAPE_KEYS, 'required', 'default', 'description'] as const

/** The `params:` of a role. */
export function readParams(node: YamlNode, found: Diagnostics): ParamDeclaration[] {
  const map = asMap(node, 'params', found)
  return (map?.entries ?? []).flatMap((entry) => {
    if (!checkIdentifier('param', entry.key, entry.place, found)) return []
    const param = readParam(entry, found)
    return param === null ? [] : [param]
  })
}

function readParam({ key, place, value }: MapEntry, found: Diagnostics): ParamDeclaration | null {
  const what = `param ${key}`
  const map = asMap(value, what, found)
  if (map === null) return null
  const entries = knownEntries(map, PARAM_KEYS, what, found)
  const required = entries.required ? asBoolean(entries.required.value, 'required', found) : false
  const fallback = entries.default?.value ?? null
  if (required && fallback !== null) {
    found.error(
      'E_CONFLICT',
      entries.default?.place ?? place,
      `${what} is required, so its default is never used`,
      {
        hint: 'take one of "required" and "default" out',
      },
    )
  }
  const description = entries.description ? asString(entries.description.value, 'description', found) : null
  return {
    ...readShape(entries, what, map, found),
    name: key,
    place,
    required,
    default: fallback,
    description,
  }
}

type ShapeEntries = Partial<Record<(typeof SHAPE_KEYS)[number], MapEntry>>

function readShape(entries: ShapeEntries, what: string, place: Place, found: Diagnostics): Shape {
  const oneOf = entries.one_of
    ? (asList(entries.one_of.value, 'one_of', found)?.items.map(plain) ?? null)
    : null
  return {
    type: readType(entries.type, what, place, found),
    items: entries.items ? nestedShape(entries.items, found) : null,
    values: entries.values ? nestedShape(entries.values, found) : null,
    min: entries.min ? asNumber(entries.min, found) : null,
    max: entries.max ? asNumber(entries.max, found) : null,
    pattern: entries.pattern ? readPattern(entries.pattern, found) : null,
    oneOf,
  }
}

/** A type by its name alone, or a map with bounds of its own. */
function nestedShape(entry: MapEntry, found: Diagnostics): Shape | null {
  const what = entry.key
  if (entry.value.kind === 'scalar') return readShape({ type: entry }, what, entry.value, found)
  const map = asMap(entry.value, what, found)
  return map && readShape(knownEntries(map, SHAPE_KEYS, what, found), what, map, found)
}

function readType(entry: MapEntry | undefined, what: string, place: Place, found: Diagnostics): ParamType {
  const allowed = PARAM_TYPES.join(', ')
  if (entry === undefined) {
    found.error('E_REQUIRED', place, `${what} must have a type`, {
      allowed,
      hint: 'add a line such as "type: string"',
    })
    return 'any'
  }
  const name = asString(entry.value, 'a type', found)
  if (name === null || (PARAM_TYPES as readonly string[]).includes(name)) return (name ?? 'any') as ParamType
  found.error('E_VALUE', entry.value, `there is no type "${name}" of params`, {
    allowed,
    hint: meant(name, PARAM_TYPES),
  })
  return 'any'
}

function readPattern(entry: MapEntry, found: Diagnostics): Shape['pattern'] {
  const source = asString(entry.value, 'a pattern', found)
  if (source === null) return null
  const { regex, problem } = compilePattern(source)
  if (problem === null) return { source, regex }
  found.error('E_REGEX', entry.value, `the pattern ${JSON.stringify(source)} is refused: ${problem}`, {
    hint: 'write it without repeats inside repeats, such as "[a-z]+" in place of "([a-z]+)+"',
  })
  return null
}

function asNumber(entry: MapEntry, found: Diagnostics): number | null {
  if (entry.value.kind === 'scalar' && typeof entry.value.value === 'number') return entry.value.value
  found.error('E_TYPE', entry.value, `${entry.key} must be a number, got ${describe(entry.value)}`)
  return null
}

/** A param's value with the place it comes from. */
export type GivenParams = ReadonlyMap<string, YamlNode>

/**
 * The values given to a role's params: those in `data` below the role's own name, then `vars` by the param's name.
 */
export function givenParams(
  role: string,
  declared: readonly ParamDeclaration[],
  data: MapNode,
  vars: MapNode | null,
  found: Diagnostics,
): GivenParams {
  const given = new Map<string, YamlNode>()
  const names = declared.map(({ name }) => name)
  const own = data.entries.find(({ key }) => key === role)
  const map = own && asMap(own.value, `data for role ${role}`, found)
  for (const entry of map?.entries ?? []) {
    if (names.includes(entry.key)) given.set(entry.key, entry.value)
    else {
      found.error('E_UNKNOWN_KEY', entry.place, `role ${role} has no param "${entry.key}"`, {
        allowed: names.join(', '),
        hint: meant(entry.key, names),
      })
    }
  }
  for (const { key, value } of vars?.entries ?? []) if (names.includes(key)) given.set(key, value)
  return given
}

import { toJsonSchema } from '@valibot/to-json-schema'
import { type GenericSchema, getDescription } from 'valibot'
import type { AnyState } from '../lib/state.ts'

/** The part of JSON Schema that props are made of. */
type Shape = {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Shape[]
  readonly items?: Shape | readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly additionalProperties?: Shape | boolean
  readonly minimum?: number
  readonly maximum?: number
}

export type Prop = {
  readonly name: string
  readonly type: string
  readonly usual: string
  readonly description: string
}

/** What a state's schema says of its props, in words. */
export function propsOf(state: AnyState): Prop[] {
  const shape = toJsonSchema(state.props, { errorMode: 'ignore', typeMode: 'input' }) as Shape & {
    readonly required?: readonly string[]
  }
  const { entries = {} } = state.props as { entries?: Readonly<Record<string, GenericSchema>> }
  return Object.entries(shape.properties ?? {})
    .filter(([name]) => !(state.carriesContent && name === 'sha256'))
    .map(([name, prop]) => ({
      name,
      type: wordsOf(prop),
      usual: shape.required?.includes(name) ? 'required' : shown(prop.default),
      description: descriptionOf(prop) || describedIn(entries[name]),
    }))
}

const shown = (value: unknown) =>
  value === undefined || value === null || isEmpty(value) ? '' : `\`${JSON.stringify(value)}\``

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const descriptionOf = ({ description, anyOf = [] }: Shape): string =>
  description ?? anyOf.map(descriptionOf).find((text) => text !== '') ?? ''

/** What stands behind a transformation is no part of the input, so JSON Schema leaves it out. */
function describedIn(schema: (GenericSchema & { wrapped?: GenericSchema }) | undefined): string {
  if (schema === undefined) return ''
  return getDescription(schema) ?? describedIn(schema.wrapped)
}

function wordsOf(shape: Shape): string {
  const { type, anyOf, items, additionalProperties } = shape
  if (anyOf) return unionOf(anyOf, shape.default)
  if (shape.const !== undefined) return `\`${shape.const}\``
  if (shape.enum) return shape.enum.map((one) => `\`${one}\``).join(', ')
  if (type === 'array' && items && !Array.isArray(items)) return `list of ${wordsOf(items as Shape)}`
  if (type === 'object' && typeof additionalProperties === 'object')
    return `map of ${wordsOf(additionalProperties)}`
  if (type === 'object') return 'map'
  if (type === 'number' || type === 'integer') return `number${rangeOf(shape)}`
  return type === undefined ? 'any' : (WORDS[type] ?? type)
}

const WORDS: Readonly<Record<string, string>> = { string: 'text', boolean: 'true or false', array: 'list' }

/** `null` is worth a word where leaving a prop out says something else. */
function unionOf(shapes: readonly Shape[], usual: unknown): string {
  const words = shapes.filter(({ type }) => type !== 'null').map(wordsOf)
  const nullable = words.length < shapes.length && usual !== null && usual !== undefined
  return [...new Set([...words, ...(nullable ? ['`null`'] : [])])].join(', or ')
}

function rangeOf({ minimum, maximum }: Shape): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`
  if (minimum !== undefined) return `, ${minimum} or more`
  return maximum === undefined ? '' : `, at most ${maximum}`
}

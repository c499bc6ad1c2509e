import type { Diagnostics } from './diagnostics.ts'
import type { Shape } from './params.ts'
import { MAX_PATTERN_VALUE } from './pattern.ts'
import type { Plain, YamlNode } from './tree.ts'
import { describe, plain } from './tree.ts'

/** Checks a value against a param's shape; every mistake is reported at its own place. */
export function checkValue(node: YamlNode, shape: Shape, what: string, found: Diagnostics): boolean {
  if (!hasType(node, shape.type)) {
    const source = node.kind === 'scalar' ? node.source : null
    const hint = shape.type === 'string' && source ? `write it in quotes: "${source}"` : null
    found.error('E_TYPE', node, `${what} must be ${ARTICLES[shape.type]}, got ${describe(node)}`, { hint })
    return false
  }
  const good = checkBounds(node, shape, what, found)
  return checkInside(node, shape, what, found) && good
}

function checkInside(node: YamlNode, { items, values }: Shape, what: string, found: Diagnostics): boolean {
  let good = true
  if (node.kind === 'list' && items !== null) {
    for (const item of node.items) good = checkValue(item, items, `an item of ${what}`, found) && good
  }
  if (node.kind === 'map' && values !== null) {
    for (const { key, value } of node.entries)
      good = checkValue(value, values, `${what}.${key}`, found) && good
  }
  return good
}

const ARTICLES = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a map',
  any: 'a value',
} as const

function hasType(node: YamlNode, type: Shape['type']): boolean {
  if (type === 'any') return true
  if (node.kind !== 'scalar') return node.kind === type
  if (type === 'integer') return Number.isInteger(node.value)
  return typeof node.value === type
}

function checkBounds(node: YamlNode, shape: Shape, what: string, found: Diagnostics): boolean {
  const value = plain(node)
  const problem = boundsProblem(value, shape) ?? patternProblem(value, shape)
  const oneOf = shape.oneOf
  if (problem !== null) {
    found.error('E_VALUE', node, `${what} ${problem}, got ${describe(node)}`)
    return false
  }
  if (oneOf === null || oneOf.some((allowed) => same(allowed, value))) return true
  const allowed = oneOf.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')
  found.error('E_VALUE', node, `${what} must be one of ${allowed}, got ${describe(node)}`, { allowed })
  return false
}

function boundsProblem(value: Plain, { min, max }: Shape): string | null {
  const size = sizeOf(value)
  if (size === null) return null
  const of = typeof value === 'number' ? '' : 'have a length of '
  if (min !== null && size < min) return `must ${of || 'be '}at least ${min}`
  if (max !== null && size > max) return `must ${of || 'be '}at most ${max}`
  return null
}

function sizeOf(value: Plain): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? Object.keys(value).length : null
}

function patternProblem(value: Plain, { pattern }: Shape): string | null {
  if (pattern === null || typeof value !== 'string') return null
  if (value.length > MAX_PATTERN_VALUE)
    return `must have at most ${MAX_PATTERN_VALUE} characters to be matched`
  return pattern.regex.test(value) ? null : `must match ${JSON.stringify(pattern.source)}`
}

const same = (a: Plain, b: Plain) => JSON.stringify(a) === JSON.stringify(b)

import * as v from 'valibot'
import { marksIn } from '../../lib/secret-mark.ts'
import type { AnyState } from '../../lib/state.ts'
import type { Diagnostics } from '../site/diagnostics.ts'
import { meant } from '../site/nearest.ts'
import { META_KEYS } from '../site/resource.ts'
import { descend, shorten } from '../site/tree.ts'
import { CONTENT_KEYS } from './content.ts'
import type { Given } from './declared.ts'
import type { Merged } from './merge.ts'
import { keepsSecrets } from './secret-flow.ts'

/** The props as the state's schema gives them, or `null` and a diagnostic for each mistake. */
export function checkProps(
  one: Merged,
  state: AnyState,
  found: Diagnostics,
): Readonly<Record<string, unknown>> | null {
  const before = found.errors
  checkName(one, state, found)
  const known = knownKeys(state)
  const input: Record<string, unknown> = {}
  for (const [key, given] of one.given) {
    if (known === null || isKnown(key, given, known, state)) input[key] = given.value
    else unknownKey(key, one, known, state, found)
  }
  const secrets = takeSecrets(input, one, state, found)
  const checked = v.safeParse(state.props, input)
  for (const issue of checked.issues ?? []) report(issue, one, input, found)
  if (found.errors > before || one.failed.size > 0 || !checked.success) return null
  return { ...(checked.output as Record<string, unknown>), ...secrets }
}

/** Props that hold secrets, each replaced in `input` by what stands for it: nobody here can check its value. */
function takeSecrets(
  input: Record<string, unknown>,
  one: Merged,
  state: AnyState,
  found: Diagnostics,
): Readonly<Record<string, unknown>> {
  const taken: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(input)) {
    const stand = state.sensitive?.[key]
    if (stand !== undefined && typeof value === 'string' && marksIn(value).length > 0) {
      taken[key] = value
      input[key] = stand
    } else if (!keepsSecrets(value, one.given.get(key)?.node ?? one.place, `${one.id}: ${key}`, found)) {
      delete input[key]
    }
  }
  return taken
}

function checkName({ name, place, id }: Merged, state: AnyState, found: Diagnostics): void {
  if (name === null) return
  const checked = v.safeParse(state.name, name)
  for (const issue of checked.issues?.slice(0, 1) ?? []) {
    found.error('E_NAME', place, `${shorten(id)}: ${issue.message}, got ${JSON.stringify(shorten(name))}`)
  }
}

const keysByState = new WeakMap<AnyState, readonly string[] | null>()

/** The keys of a state's props; `null` for a schema that has no fixed ones. */
function knownKeys(state: AnyState): readonly string[] | null {
  const cached = keysByState.get(state)
  if (cached !== undefined) return cached
  const schema = state.props as { entries?: object }
  const keys = schema.entries === undefined ? null : Object.keys(schema.entries)
  keysByState.set(state, keys)
  return keys
}

/** `sha256` is what the compiler makes of content; nobody writes it. */
function isKnown(key: string, given: Given, known: readonly string[], state: AnyState): boolean {
  return key === 'sha256' && state.carriesContent ? given.made : known.includes(key)
}

function unknownKey(
  key: string,
  one: Merged,
  known: readonly string[],
  state: AnyState,
  found: Diagnostics,
): void {
  const content = state.carriesContent ? CONTENT_KEYS : []
  const own = [...known.filter((name) => !(name === 'sha256' && state.carriesContent)), ...content]
  const place = one.given.get(key)?.key ?? one.place
  found.error('E_UNKNOWN_KEY', place, `a ${one.type} has no key "${shorten(key)}" (${shorten(one.id)})`, {
    allowed: own.join(', '),
    hint: meant(key, [...own, ...META_KEYS]),
  })
}

function report(issue: v.BaseIssue<unknown>, one: Merged, input: object, found: Diagnostics): void {
  const path = (issue.path ?? []).map(({ key }) => key as string | number)
  const [prop] = path
  if (typeof prop !== 'string') {
    found.error('E_VALUE', one.place, `${shorten(one.id)}: ${issue.message}`)
    return
  }
  // That a prop is missing whose value failed is no mistake of its own.
  if (one.failed.has(prop)) return
  if (!(prop in input)) {
    found.error('E_REQUIRED', one.place, `${shorten(one.id)} needs the key "${prop}"`)
    return
  }
  const given = one.given.get(prop)
  const node = given === undefined ? null : descend(given.node, path.slice(1))
  const source = node?.kind === 'scalar' ? node.source : null
  const { code, hint } = classify(issue, source)
  const got = node === null || node.kind === 'scalar' ? `, got ${shown(issue.input, source)}` : ''
  found.error(code, node ?? one.place, `${shorten(one.id)}: ${path.join('.')}: ${sentence(issue)}${got}`, {
    allowed: allowed(issue),
    hint,
  })
}

function classify(issue: v.BaseIssue<unknown>, source: string | null): { code: string; hint: string | null } {
  const wantsString =
    issue.kind === 'schema' && (issue.expected === 'string' || /"?must be quoted/.test(issue.message))
  const number = typeof issue.input === 'number' && source !== null && source !== ''
  if (number && /^a mode must be quoted/.test(issue.message)) {
    return { code: 'E_MODE_UNQUOTED', hint: `write "${source.replace(/^0o/, '0').padStart(4, '0')}"` }
  }
  const hint = wantsString && source !== null && source !== '' ? `write it in quotes: "${source}"` : null
  return { code: issue.kind === 'schema' && issue.type !== 'picklist' ? 'E_TYPE' : 'E_VALUE', hint }
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const own = !issue.message.startsWith('Invalid ')
  return own ? issue.message : `must be ${issue.expected ?? 'something else'}`
}

function shown(input: unknown, source: string | null): string {
  if (typeof input === 'number' && source !== null) return source
  return shorten(JSON.stringify(input) ?? 'nothing')
}

/** The choices of a picklist or union of literals: `("a" | "b")`. */
function allowed(issue: v.BaseIssue<unknown>): string | null {
  const choices = /^\((.*)\)$/.exec(issue.expected ?? '')?.[1]
  if (choices !== undefined) return choices.replaceAll(' | ', ', ')
  return issue.expected === 'boolean' ? 'true, false' : null
}

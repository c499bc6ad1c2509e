import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { Failure } from '../lib/failure.ts'

/** Text that goes in at a place, in front of what stands there, or in place of some of it. */
type Splice = { readonly at: number; readonly until: number; readonly text: string }

/**
 * A hosts file in which a host has these roles too. Only the list is written anew, and of it only what is new: every
 * other byte stays, with its comments and its layout.
 */
export function editRoles(text: string, host: string, roles: readonly string[]): string {
  const { document, pair } = declarationOf(text, host)
  const edited = spliced(text, spliceOf(text, pair, host, roles))
  assertSame(document, edited, host, (had) => [...had, ...roles])
  return edited
}

/** A hosts file in which a host has these roles no more. A line goes with its role; every other byte stays. */
export function removeRoles(text: string, host: string, roles: readonly string[]): string {
  const { document } = declarationOf(text, host)
  let edited = text
  for (;;) {
    const own = pairOf(declarationOf(edited, host).pair.value, 'roles')
    const list = own?.value ?? null
    if (own === null || !isSeq(list)) throw unclear(host, 'its roles are no list')
    const at = list.items.findIndex((item) => isScalar(item) && roles.includes(String(item.value)))
    if (at < 0) break
    const without = spliced(edited, withoutItem(edited, list, at))
    const isBare = list.items.length === 1 && !list.flow
    edited = isBare ? spliced(without, inPlace(without, own, null, '[]')) : without
  }
  assertSame(document, edited, host, (had) => had.filter((role) => !roles.includes(role)))
  return edited
}

function declarationOf(text: string, host: string): { document: Document; pair: Entry } {
  const document = parseDocument(text, { keepSourceTokens: true })
  if (document.errors.length > 0) throw unclear(host, document.errors[0]?.message ?? 'it is no YAML')
  const pair = pairOf(document.get('hosts'), host)
  if (pair === null) throw unclear(host, 'it is not declared under its own name')
  return { document, pair }
}

const spliced = (text: string, { at, until, text: piece }: Splice) =>
  text.slice(0, at) + piece + text.slice(until)

const unclear = (host: string, why: string) =>
  new Failure('conflict', `the roles of ${host} can't be edited: ${why}`, {
    hint: 'write them there by hand',
  })

type Entry = Pair<Scalar, Node | null>

function pairOf(map: unknown, key: string): Entry | null {
  if (!isMap(map)) return null
  return (
    (map.items.find((one) => isScalar(one.key) && String(one.key.value) === key) as Entry | undefined) ?? null
  )
}

function spliceOf(text: string, pair: Entry, host: string, roles: readonly string[]): Splice {
  const flow = roles.map(flowText).join(', ')
  const body = pair.value
  if (isNothing(body)) return inPlace(text, pair, body, `{ roles: [${flow}] }`)
  if (!isMap(body)) throw unclear(host, isAlias(body) ? 'it is an alias' : 'it is no map')
  const own = pairOf(body, 'roles')
  if (own === null) return firstKey(text, body, flow)
  const list = own.value
  if (isNothing(list)) return inPlace(text, own, list, `[${flow}]`)
  if (!isSeq(list)) throw unclear(host, isAlias(list) ? 'its roles are an alias' : 'its roles are no list')
  if (list.flow) return inFlow(list, flow)
  return inBlock(text, list, roles)
}

/** Nothing is written there, or `null` is. */
const isNothing = (node: Node | null): node is Scalar | null =>
  node === null || (isScalar(node) && node.value === null && node.anchor === undefined)

const rangeOf = (node: Node): [number, number] => [node.range?.[0] ?? 0, node.range?.[1] ?? 0]

/** Where a value would stand behind its key. */
function inPlace(text: string, { key }: Entry, value: Scalar | null, written: string): Splice {
  const [at, until] = value === null ? [0, 0] : rangeOf(value)
  if (until > at) return { at, until, text: written }
  const colon = text.indexOf(':', rangeOf(key)[1]) + 1
  return { at: colon, until: colon, text: ` ${written}` }
}

function firstKey(text: string, map: YAMLMap, flow: string): Splice {
  const [start] = rangeOf(map)
  if (map.flow) {
    const inside = start + 1
    const space = /\s/.test(text[inside] ?? '') ? '' : ' '
    const rest = map.items.length === 0 ? space : `,${space}`
    return { at: inside, until: inside, text: ` roles: [${flow}]${rest}` }
  }
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return { at: start, until: start, text: `roles: [${flow}]${lineEndOf(text)}${indent}` }
}

function inFlow(list: YAMLSeq, flow: string): Splice {
  const last = list.items.at(-1) as Node | undefined
  const at = last === undefined ? rangeOf(list)[0] + 1 : rangeOf(last)[1]
  return { at, until: at, text: last === undefined ? flow : `, ${flow}` }
}

function inBlock(text: string, list: YAMLSeq, roles: readonly string[]): Splice {
  const [start, end] = rangeOf(list.items.at(-1) as Node)
  const newline = text.indexOf('\n', end)
  const lineEnd = lineEndOf(text)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  // The spaces, the dash and the spaces behind it.
  const lead = text.slice(lineStart, start)
  const lines = roles.map((role) => `${lead}${blockText(role)}`)
  if (newline === -1)
    return { at: text.length, until: text.length, text: lines.map((line) => lineEnd + line).join('') }
  return { at: newline + 1, until: newline + 1, text: lines.map((line) => line + lineEnd).join('') }
}

/** The line of a role that has one to itself, with what is said of it there; else the role and one comma. */
function withoutItem(text: string, list: YAMLSeq, index: number): Splice {
  const [start, end] = rangeOf(list.items[index] as Node)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', end)
  const lineEnd = newline === -1 ? text.length : newline + 1
  const before = text.slice(lineStart, start)
  const behind = text.slice(end, lineEnd)
  if (/^\s*(-\s+)?$/.test(before) && /^\s*,?\s*(#.*)?$/.test(behind.trimEnd()))
    return { at: lineStart, until: lineEnd, text: '' }
  const next = list.items[index + 1] as Node | undefined
  if (next !== undefined && rangeOf(next)[0] < lineEnd)
    return { at: start, until: rangeOf(next)[0], text: '' }
  const last = list.items[index - 1] as Node | undefined
  if (last !== undefined) return { at: rangeOf(last)[1], until: end, text: '' }
  const comma = /^\s*,/.exec(behind)?.[0].length ?? 0
  return { at: start, until: end + comma, text: '' }
}

const lineEndOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n')

const blockText = (role: string) => stringify(role, { lineWidth: 0 }).trim()
// Within brackets some plain text would mean something else.
const flowText = (role: string) => (/^[\w.-]+$/.test(role) ? blockText(role) : JSON.stringify(role))

/** What was meant and nothing else, or nothing is written. */
function assertSame(
  before: Document,
  edited: string,
  host: string,
  rolesOf: (had: readonly string[]) => readonly string[],
): void {
  const after = parseDocument(edited)
  const wanted = before.clone()
  const had =
    (before.toJS() as { hosts: Record<string, { roles?: string[] | null } | null> }).hosts[host]?.roles ?? []
  const body = wanted.getIn(['hosts', host])
  if (isCollection(body)) wanted.setIn(['hosts', host, 'roles'], rolesOf(had))
  else wanted.setIn(['hosts', host], { roles: rolesOf(had) })
  const same = after.errors.length === 0 && canonical(after.toJS()) === canonical(wanted.toJS())
  if (!same) throw unclear(host, 'it is written in a way that is not understood here')
}

/** Text that is the same for the same values, whatever the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

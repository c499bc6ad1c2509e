import { MAX_PATH_BYTES } from '../../lib/limits.ts'
import type { AnyState, Reaction } from '../../lib/state.ts'
import { Diagnostics } from '../site/diagnostics.ts'
import type { Limits } from '../site/limits.ts'
import { raise } from '../site/limits.ts'
import { meant } from '../site/nearest.ts'
import type { ResourceDeclaration } from '../site/resource.ts'
import type { Role } from '../site/role.ts'
import type { MapEntry, ScalarNode, YamlNode } from '../site/tree.ts'
import { describe, shorten } from '../site/tree.ts'
import type { Blobs } from './content.ts'
import { CONTENT_KEYS, contentOf } from './content.ts'
import type { Declared, Given, Omitted, Reference } from './declared.ts'
import type { Values } from './engine.ts'
import { idOf, parseId } from './identity.ts'
import { FAILED, type Scope } from './scope.ts'
import { keepsSecrets } from './secret-flow.ts'

export type States = ReadonlyMap<string, AnyState>

export type DeclareContext = {
  readonly role: Role
  readonly scope: Scope
  readonly states: States
  readonly limits: Limits
  readonly blobs: Blobs
  readonly found: Diagnostics
}

export type Sink = {
  readonly declared: Declared[]
  /** Their names could not be had. */
  readonly nameless: Declared[]
  readonly omitted: Omitted[]
  /** The host has more resources than it may: nothing more is made of them. */
  full: boolean
}

/** Evaluates one declaration into the resources it stands for. */
export function declare(declaration: ResourceDeclaration, context: DeclareContext, sink: Sink): void {
  const state = context.states.get(declaration.type)
  if (state === undefined) unknownType(declaration, context)
  for (const local of itemsOf(declaration, context)) {
    // What is left out is kept with its reason, and may be as much.
    if (Math.max(sink.omitted.length, sink.nameless.length) > context.limits.resources_per_host)
      tooMany(declaration, context, sink)
    if (sink.full) return
    const when = holds(declaration, local, context)
    if (when === FAILED) continue
    if (when === false) omit(declaration, local, context, sink)
    else if (state !== undefined) declareNames(declaration, state, local, context, sink)
  }
}

function unknownType({ type, place }: ResourceDeclaration, { states, found }: DeclareContext): void {
  const known = [...states.keys()]
  found.error('E_UNKNOWN_KIND', place, `there is no type of resource "${shorten(type)}"`, {
    allowed: known.sort().join(', '),
    hint: meant(type, known),
  })
}

/** One set of local names for each turn of `for_each`. */
function itemsOf({ forEach, as }: ResourceDeclaration, { scope, limits, found }: DeclareContext): Values[] {
  if (forEach === null) return [{}]
  const isExpression = forEach.kind === 'scalar' && typeof forEach.value === 'string'
  const value = isExpression ? scope.expression(forEach as ScalarNode, {}) : scope.value(forEach, {})
  if (value === FAILED) return []
  const items = Array.isArray(value) ? value : pairsOf(value)
  if (items === null) {
    found.error('E_TYPE', forEach, `for_each must be a list or a map, got ${described(value)}`)
    return []
  }
  const { for_each_items: most } = limits
  if (items.length > most) {
    found.error('E_LIMIT', forEach, `for_each has ${items.length} items, at most ${most} are allowed`, {
      hint: raise('for_each_items', limits),
    })
    return []
  }
  return items.map((item: unknown) => ({ [as]: item }))
}

function pairsOf(value: unknown): unknown[] | null {
  if (typeof value !== 'object' || value === null) return null
  return Object.entries(value).map(([key, one]) => ({ key, value: one }))
}

const described = (value: unknown) =>
  value === null ? 'null' : `${typeof value} ${shorten(JSON.stringify(value) ?? '')}`

function holds(
  { when }: ResourceDeclaration,
  local: Values,
  { scope }: DeclareContext,
): boolean | typeof FAILED {
  if (when === null) return true
  if (typeof when.value === 'boolean') return when.value
  const value = scope.expression(when, local)
  return value === FAILED ? FAILED : isTrue(value)
}

/** As Jinja sees it: empty text, lists and maps are false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function omit(declaration: ResourceDeclaration, local: Values, context: DeclareContext, sink: Sink): void {
  const { type, place, when } = declaration
  // What is left out may lack just what its `when` asks for, so its name may be beyond us too.
  const aside = { ...context, found: new Diagnostics() }
  const names = namesOf(declaration.name, local, { ...aside, scope: context.scope.reportingTo(aside.found) })
  const shown =
    names.length > 0 ? names : [{ name: String(rawName(declaration.name)), node: declaration.name }]
  for (const { name } of shown) {
    sink.omitted.push({ id: idOf(type, name), when: String(when?.value), place, role: context.role.name })
  }
}

const rawName = (node: YamlNode) => (node.kind === 'scalar' ? node.value : '…')

type Name = { readonly name: string; readonly node: YamlNode }

function namesOf(node: YamlNode, local: Values, { scope, found }: DeclareContext): Name[] {
  if (node.kind === 'list')
    return node.items.flatMap((item) => namesOf(item, local, { scope, found } as DeclareContext))
  const value = scope.value(node, local)
  if (value === FAILED) return []
  const names = Array.isArray(value) ? value : [value]
  return names.flatMap((name: unknown) => (checkName(name, node, found) ? [{ name, node }] : []))
}

function checkName(name: unknown, node: YamlNode, found: Diagnostics): name is string {
  if (typeof name !== 'string') {
    const source = node.kind === 'scalar' ? node.source : null
    found.error('E_TYPE', node, `the name of a resource must be a string, got ${describe(node)}`, {
      hint: source ? `write it in quotes: "${source}"` : null,
    })
    return false
  }
  if (!keepsSecrets(name, node, 'the name of a resource', found)) return false
  const problem = nameProblem(name)
  if (problem === null) return true
  found.error('E_NAME', node, `${JSON.stringify(shorten(name))} is no name for a resource: ${problem}`)
  return false
}

function nameProblem(name: string): string | null {
  if (name === '') return 'it is empty'
  if (/\p{Cc}/u.test(name)) return 'it holds a newline or another control character'
  if (name !== name.trim()) return 'it begins or ends with a space'
  if (name.startsWith('-')) return 'it begins with "-", which programs take for an option'
  return Buffer.byteLength(name) > MAX_PATH_BYTES ? `it has more than ${MAX_PATH_BYTES} bytes` : null
}

function declareNames(
  declaration: ResourceDeclaration,
  state: AnyState,
  local: Values,
  context: DeclareContext,
  sink: Sink,
): void {
  const names = namesOf(declaration.name, local, context)
  const { given, failed } = givenProps(declaration, state, local, context)
  const references = referencesOf(declaration, local, context)
  const { type, place, onRemove, timeoutMs, tags } = declaration
  const common = {
    type,
    role: context.role.name,
    place,
    given,
    failed,
    onRemove,
    timeoutMs,
    tags,
    ...references,
  }
  if (names.length === 0) sink.nameless.push({ id: idOf(type, '?'), name: null, ...common })
  for (const { name } of names) {
    if (sink.declared.length >= context.limits.resources_per_host) {
      tooMany(declaration, context, sink)
      return
    }
    sink.declared.push({ id: idOf(type, name), name, ...common })
  }
}

function tooMany({ place }: ResourceDeclaration, { limits, found }: DeclareContext, sink: Sink): void {
  if (sink.full) return
  sink.full = true
  const message = `one host has at most ${limits.resources_per_host} resources, and this is one more`
  found.error('E_LIMIT', place, message, { hint: raise('resources_per_host', limits) })
}

type Props = { readonly given: ReadonlyMap<string, Given>; readonly failed: ReadonlySet<string> }

function givenProps(
  declaration: ResourceDeclaration,
  state: AnyState,
  local: Values,
  context: DeclareContext,
): Props {
  const given = new Map<string, Given>()
  const failed = new Set<string>()
  const contents = state.carriesContent ? declaration.props.filter(isContent) : []
  for (const entry of declaration.props) {
    if (contents.includes(entry)) continue
    const value = context.scope.value(entry.value, local)
    if (value === FAILED) failed.add(entry.key)
    else given.set(entry.key, { value, node: entry.value, key: entry.place, made: false })
  }
  if (oneContent(contents, context)) addContent(contents[0], local, context, given, failed)
  else failed.add('sha256')
  return { given, failed }
}

const isContent = ({ key }: MapEntry) => (CONTENT_KEYS as readonly string[]).includes(key)

function oneContent([, second]: readonly MapEntry[], { found }: DeclareContext): boolean {
  if (second === undefined) return true
  found.error(
    'E_CONFLICT',
    second.place,
    `a file has one of ${CONTENT_KEYS.join(', ')}, and only one of them`,
    {
      hint: 'take the others out',
    },
  )
  return false
}

function addContent(
  entry: MapEntry | undefined,
  local: Values,
  context: DeclareContext,
  given: Map<string, Given>,
  failed: Set<string>,
): void {
  if (entry === undefined) return
  const hash = contentOf(entry, { ...context, local })
  if (hash === FAILED) failed.add('sha256')
  else if (hash !== null)
    given.set('sha256', { value: hash, node: entry.value, key: entry.place, made: true })
}

function referencesOf(
  declaration: ResourceDeclaration,
  local: Values,
  context: DeclareContext,
): Pick<Declared, 'needs' | 'causes' | 'effects'> {
  const read = (nodes: readonly ScalarNode[]) => nodes.flatMap((node) => reference(node, local, context))
  const on = (reaction: Reaction, nodes: readonly ScalarNode[]) =>
    read(nodes).map((id) => ({ reaction, on: id }))
  const to = (reaction: Reaction, nodes: readonly ScalarNode[]) =>
    read(nodes).map((id) => ({ reaction, target: id }))
  return {
    needs: read(declaration.needs),
    causes: [...on('restart', declaration.restartOn), ...on('reload', declaration.reloadOn)],
    effects: [...to('restart', declaration.restarts), ...to('reload', declaration.reloads)],
  }
}

function reference(node: ScalarNode, local: Values, { scope, found }: DeclareContext): Reference[] {
  const value = scope.value(node, local)
  if (value === FAILED || !keepsSecrets(value, node, 'what is named here', found)) return []
  return (Array.isArray(value) ? value : [value]).flatMap((text: unknown) => {
    const id = typeof text === 'string' ? parseId(text) : null
    if (id !== null) return [{ id, place: node }]
    const message = `a resource is named by type and name, such as "service:nginx.service", got ${described(text)}`
    found.error('E_UNKNOWN_RESOURCE', node, message)
    return []
  })
}

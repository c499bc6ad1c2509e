import { MAX_TEMPLATE_BYTES } from '../../lib/limits.ts'
import type { ResourceDeclaration } from '../site/resource.ts'
import type { Role } from '../site/role.ts'
import type { YamlNode } from '../site/tree.ts'
import { codeParts } from './code-parts.ts'

/** What code may read. It errs only by naming more. */
export type Reads = {
  /** Paths such as `ntp.servers`; the empty one stands for all of it. */
  readonly data: ReadonlySet<string>
  readonly facts: ReadonlySet<string>
  readonly params: ReadonlySet<string>
  readonly fleet: boolean
  /** Names of secrets; the empty one stands for any. */
  readonly secrets: ReadonlySet<string>
}

// Asked of every role of every host, and answered by its bytes alone.
const known = new WeakMap<Role, Reads>()

/** Of all expressions and templates of a role. */
export function readsOf(role: Role): Reads {
  const kept = known.get(role)
  if (kept !== undefined) return kept
  const reads = readsIn(expressionsOf(role).join('\n'))
  known.set(role, reads)
  return reads
}

export const readsIn = (code: string): Reads => ({
  data: pathsOf('data', code),
  facts: pathsOf('facts', code),
  params: pathsOf('params', code),
  fleet: /(?<![.\w])hosts\b/.test(code),
  secrets: secretsOf(code),
})

/** Where a name stands as a variable, with the keys that follow it; a call or a subscript reads what is before. */
function pathsOf(name: string, code: string): Set<string> {
  const uses = code.matchAll(new RegExp(`(?<![.\\w])${name}\\b((?:\\.[A-Za-z_]\\w*)*)(\\s*\\()?`, 'g'))
  return new Set(
    [...uses].map(([, path = '', call]) => {
      const keys = path.split('.').slice(1)
      return (call === undefined ? keys : keys.slice(0, -1)).join('.')
    }),
  )
}

/** A name that is not a plain string could be any. */
function secretsOf(code: string): Set<string> {
  const uses = code.matchAll(/(?<![.\w])secret\b(?:\s*\(\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\))?/g)
  return new Set([...uses].map(([, single, double]) => single ?? double ?? ''))
}

function expressionsOf(role: Role): string[] {
  const readable = [...role.templates.values()].filter((file) => file.size <= MAX_TEMPLATE_BYTES)
  return [
    ...readable.map((file) => inBraces(file.bytes.toString('utf8'))),
    ...role.resources.flatMap(expressionsOfResource),
    ...role.checks.flatMap(codeIn),
    ...role.exports.flatMap(({ value }) => codeIn(value)),
    ...role.params.flatMap((param) => (param.default === null ? [] : codeIn(param.default))),
  ]
}

/** The code of a declaration, without its template. */
export function expressionsOfResource(declaration: ResourceDeclaration): string[] {
  const { name, props, when, forEach, needs, restartOn, reloadOn, reloads, restarts } = declaration
  const bare = [when, forEach].flatMap((node) => (node?.kind === 'scalar' ? [String(node.value)] : []))
  const lists = forEach === null || forEach.kind === 'scalar' ? [] : codeIn(forEach)
  const nodes = [name, ...props.map(({ value }) => value), ...needs, ...restartOn, ...reloadOn, ...reloads]
  return [...bare, ...lists, ...[...nodes, ...restarts].flatMap(codeIn)]
}

/** The text of a template that is no prose. */
export const inBraces = (text: string) => [...codeParts(text)].map((part) => part.text).join('\n')

/** The code in all strings of a value. */
export function codeIn(node: YamlNode): string[] {
  if (node.kind === 'list') return node.items.flatMap(codeIn)
  if (node.kind === 'map') return node.entries.flatMap(({ value }) => codeIn(value))
  return typeof node.value === 'string' && node.value.includes('{') ? [inBraces(node.value)] : []
}

import * as v from 'valibot'
import { Duration, Line, milliseconds } from '../../lib/names.ts'
import type { Diagnostics } from '../site/diagnostics.ts'
import { meant } from '../site/nearest.ts'
import type { MapNode } from '../site/tree.ts'
import { descend } from '../site/tree.ts'
import { FAILED, type Scope } from './scope.ts'
import { keepsSecrets } from './secret-flow.ts'

const Url = v.pipe(Line, v.regex(/^https?:\/\/[^\s/]+(\/\S*)?$/, 'a URL begins with "http://" or "https://"'))
const Endpoint = v.pipe(
  Line,
  v.regex(/^.+:\d{1,5}$/, 'a TCP check names host and port, such as "localhost:5432"'),
)
const Status = v.pipe(v.number('a status is a number'), v.integer(), v.minValue(100), v.maxValue(599))

/** How one knows that a role works; the first key says the kind. */
const KINDS = {
  http: v.strictObject({
    http: Url,
    status: v.optional(Status, 200),
    contains: v.optional(Line),
    timeout: v.optional(Duration, '10s'),
  }),
  tcp: v.strictObject({ tcp: Endpoint, timeout: v.optional(Duration, '10s') }),
  command: v.strictObject({
    command: v.union(
      [Line, v.pipe(v.array(v.string()), v.minLength(1))],
      'a command is a line, or a list of words',
    ),
    contains: v.optional(Line),
    timeout: v.optional(Duration, '10s'),
  }),
} as const

export type Check = Readonly<Record<string, unknown>>

/** A check as data, its role and place with it; `null` and diagnostics when it has mistakes. */
export function readCheck(node: MapNode, role: string, scope: Scope, found: Diagnostics): Check | null {
  const kind = node.entries
    .map(({ key }) => key)
    .find((key): key is keyof typeof KINDS => Object.hasOwn(KINDS, key))
  if (kind === undefined) {
    const first = node.entries[0]
    const kinds = Object.keys(KINDS)
    found.error('E_UNKNOWN_KIND', first?.place ?? node, `there is no check "${first?.key ?? ''}"`, {
      allowed: kinds.join(', '),
      hint: first ? meant(first.key, kinds) : null,
    })
    return null
  }
  const before = found.errors
  const schema = KINDS[kind]
  const known = Object.keys(schema.entries)
  reportUnknown(node, kind, known, found)
  const value = scope.value({ ...node, entries: node.entries.filter(({ key }) => known.includes(key)) }, {})
  if (value === FAILED || !keepsSecrets(value, node, `the check ${kind}`, found)) return null
  const checked = v.safeParse(schema, value)
  for (const issue of checked.issues ?? []) {
    const path = (issue.path ?? []).map(({ key }) => key as string)
    const code = issue.kind === 'schema' ? 'E_TYPE' : 'E_VALUE'
    found.error(code, descend(node, path), `check ${kind}: ${path.join('.')}: ${issue.message}`)
  }
  if (!checked.success || found.errors > before) return null
  const { timeout, ...rest } = checked.output
  return { ...rest, timeoutMs: milliseconds(timeout), role, file: node.file, line: node.line }
}

function reportUnknown(node: MapNode, kind: string, known: readonly string[], found: Diagnostics): void {
  for (const { key, place } of node.entries) {
    if (known.includes(key)) continue
    found.error('E_UNKNOWN_KEY', place, `a check of kind ${kind} has no key "${key}"`, {
      allowed: known.join(', '),
      hint: meant(key, known),
    })
  }
}

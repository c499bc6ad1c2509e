import { parseDocument } from 'yaml'
import type { AnyState } from '../lib/state.ts'
import { CONTENT_KEYS } from '../master/compile/content.ts'
import { META_KEYS } from '../master/site/resource.ts'

/** The declarations in an example: their names, and their props as the compiler hands them to the state's schema. */
export function declarationsOf(state: AnyState, example: string): { names: unknown[]; props: object } {
  const document = parseDocument(example)
  if (document.errors[0])
    throw new Error(`an example of ${state.type} is no YAML: ${document.errors[0].message}`)
  const declared = document.toJS() as Readonly<Record<string, unknown>>
  const [type = '', names] = Object.entries(declared)[0] ?? []
  if (type !== state.type) throw new Error(`an example of ${state.type} begins with "${type}"`)
  const contents: readonly string[] = state.carriesContent ? CONTENT_KEYS : []
  const beside = new Set<string>([type, ...META_KEYS, ...contents])
  const props = Object.fromEntries(Object.entries(declared).filter(([key]) => !beside.has(key)))
  const hasContent = contents.some((key) => key in declared)
  return { names: [names].flat(), props: hasContent ? { ...props, sha256: '0'.repeat(64) } : props }
}

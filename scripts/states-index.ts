import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { AnyState } from '../lib/state.ts'

/** The types of resources: the files in `states/`, sorted. */
export const types = (): string[] =>
  readdirSync('states')
    .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
    .map((name) => basename(name, '.ts'))
    .sort()

// "package" is a reserved word.
const nameOf = (type: string) =>
  type === 'package' ? 'packageState' : type.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

/** The state of a type, as it was compiled: the generated list need not know it yet. */
export async function stateOf(type: string): Promise<AnyState> {
  const url = new URL(`../states/${type}.js`, import.meta.url).href
  const states = (await import(url)) as Readonly<Record<string, AnyState>>
  const state = states[nameOf(type)]
  if (state === undefined) throw new Error(`states/${type}.ts exports no ${nameOf(type)}`)
  return state
}

/** The text of `states/index.ts`. */
export function statesIndex(): string {
  return [
    '// Generated from this folder by "npm run docs". Do not edit.',
    "import type { AnyState } from '../lib/state.ts'",
    ...types().map((type) => `import { ${nameOf(type)} } from './${type}.ts'`),
    '',
    '/** Every state by its type. */',
    'export const states: ReadonlyMap<string, AnyState> = new Map<string, AnyState>([',
    ...types().map((type) => `  [${nameOf(type)}.type, ${nameOf(type)}],`),
    '])',
    '',
  ].join('\n')
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Writes what is made from other files: the list of states. `--check` writes nothing and fails when a file is
 * not what it would be.
 */

const generated = new Map<string, string>([['states/index.ts', statesIndex()]])

const stale = [...generated].filter(([path, text]) => readOr(path) !== text)
const check = process.argv.includes('--check')
if (!check) for (const [path, text] of stale) writeFileSync(path, text)
for (const [path] of stale)
  process.stderr.write(`${path}: ${check ? 'is stale, run "npm run docs"' : 'written'}\n`)
process.exitCode = check && stale.length > 0 ? 1 : 0

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function statesIndex(): string {
  const types = readdirSync('states')
    .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
    .map((name) => basename(name, '.ts'))
    .sort()
  // "package" is a reserved word.
  const nameOf = (type: string) =>
    type === 'package' ? 'packageState' : type.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  return [
    '// Generated from this folder by "npm run docs". Do not edit.',
    "import type { AnyState } from '../lib/state.ts'",
    ...types.map((type) => `import { ${nameOf(type)} } from './${type}.ts'`),
    '',
    '/** Every state by its type. */',
    'export const states: ReadonlyMap<string, AnyState> = new Map<string, AnyState>([',
    ...types.map((type) => `  [${nameOf(type)}.type, ${nameOf(type)}],`),
    '])',
    '',
  ].join('\n')
}

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cliPage } from './cli-page.ts'
import { protoFiles } from './proto.ts'
import { statePage, statesReadme } from './state-page.ts'
import { stateOf, statesIndex, types } from './states-index.ts'

/**
 * Writes what is made from other files: the list of states and their reference pages, from the states as they were
 * compiled, and the page of the command line. `--check` writes nothing and fails when a file is not what it would be.
 */

const DOCS = 'docs/states'

const pages = []
for (const type of types()) {
  const [source, state] = [readFileSync(`states/${type}.ts`, 'utf8'), await stateOf(type)]
  pages.push({ type, state, source, text: statePage(state, source) })
}

const generated = new Map<string, string>([
  ['states/index.ts', statesIndex()],
  ['docs/cli.md', cliPage()],
  [`${DOCS}/README.md`, statesReadme(pages)],
  ...pages.map(({ type, text }) => [`${DOCS}/${type}.md`, text] as const),
  ...protoFiles(),
])

const stale = [...generated].filter(([path, text]) => readOr(path) !== text)
const left = [...namesIn(DOCS), ...namesIn('proto/gen')].filter((path) => !generated.has(path))
const check = process.argv.includes('--check')
if (!check) {
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const path of left) rmSync(path)
}
const say = (path: string, done: string) =>
  process.stderr.write(`${path}: ${check ? 'is stale, run "npm run docs"' : done}\n`)
for (const [path] of stale) say(path, 'written')
for (const path of left) say(path, 'removed')
process.exitCode = check && stale.length + left.length > 0 ? 1 : 0

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function namesIn(folder: string): string[] {
  try {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    return found.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** How long a site takes to read and compile: 1,000 resources with 200 templates, and the 574 that are measured side by side. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from '../master/compile/compile.ts'
import { readSite } from '../master/site/read.ts'
import { SAMPLE_FACTS } from '../master/site/sample-facts.ts'
import { states } from '../states/index.ts'
import { makeWork, usualWork } from './make-work.ts'
import { bareNode, describeMachine, duration, machine, median, report, table } from './report.ts'

const ROUNDS = 20

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
}

const range = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

function manyTemplates(): Record<string, string> {
  const templated = range(200, (i) => `  - file: /etc/bench/t${i}\n    template: t${i}.j2\n    mode: "0644"`)
  const plain = range(
    500,
    (i) => `  - file: /etc/bench/f${i}\n    content: |\n      # file ${i}\n      key = value`,
  )
  const packages = range(300, (i) => `p${i}x`).join(', ')
  const template = (i: number) =>
    `# ${i}\n{% for key, value in params.map | items %}\n{{ key }} = {{ value }} on {{ host.name }}\n{% endfor %}\n`
  return {
    'drover.yaml': 'name: bench\n',
    'hosts.yaml': 'hosts: { bench: { roles: [many] } }\n',
    'roles/many/role.yaml': `params: { map: { type: map, default: { a: 1, b: two, c: 3 } } }\nresources:\n${[...templated, ...plain].join('\n')}\n  - package: [${packages}]\n`,
    ...Object.fromEntries(range(200, (i) => [`roles/many/templates/t${i}.j2`, template(i)])),
  }
}

/** What is set beside the peers, without a host to have the packages. */
function sideBySide(): Record<string, string> {
  const work = makeWork(usualWork(range(50, (i) => `lib${i}`)))
  const own = [...work].filter(([path]) => path.startsWith('drover/'))
  return Object.fromEntries(own.map(([path, text]) => [path.slice('drover/'.length), text]))
}

async function once(dir: string): Promise<{ read: number; compile: number; resources: number }> {
  const start = performance.now()
  const { site } = await readSite(dir)
  const middle = performance.now()
  const { catalog, diagnostics } = await compile(site, 'bench', SAMPLE_FACTS, { states })
  if (catalog === null) throw new Error(JSON.stringify(diagnostics.slice(0, 3)))
  return { read: middle - start, compile: performance.now() - middle, resources: catalog.resources.length }
}

type Figures = { readonly readMs: number; readonly compileMs: number }

const figures = (runs: readonly { read: number; compile: number }[]): Figures => ({
  readMs: median(runs.map(({ read }) => read)),
  compileMs: median(runs.map(({ compile }) => compile)),
})

async function warm(dir: string): Promise<Figures & { readonly resources: number }> {
  const runs = []
  for (let i = 0; i < ROUNDS; i += 1) runs.push(await once(dir))
  return { ...figures(runs), resources: runs[0]?.resources ?? 0 }
}

/** Each in a process of its own, in which nothing is compiled by the engine yet. */
function cold(dir: string): Figures {
  const runs = range(7, () => {
    const argv = [fileURLToPath(import.meta.url), dir]
    const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
    return JSON.parse(stdout) as { read: number; compile: number }
  })
  return figures(runs)
}

async function main(): Promise<void> {
  const before = machine()
  const bare = bareNode()
  const dir = mkdtempSync(join(tmpdir(), 'drover-bench-'))
  const found: Record<string, unknown> = {}
  const rows = [['read and compile', 'resources', 'cold', 'of it reading', 'warm', 'of it reading']]
  for (const [name, files] of [
    ['200 templates', manyTemplates()],
    ['side by side', sideBySide()],
  ] as const) {
    write(join(dir, name), files)
    const [first, then] = [cold(join(dir, name)), await warm(join(dir, name))]
    found[name] = { cold: first, warm: then }
    const both = [first, then].flatMap(({ readMs, compileMs }) => [readMs + compileMs, readMs])
    rows.push([name, String(then.resources), ...both.map(duration)])
  }
  rmSync(dir, { recursive: true })
  const lines = [
    ...table(rows),
    '',
    `node alone starts and ends in ${duration(bare.median)} here`,
    describeMachine(before),
  ]
  report('compile', lines, { ...found, bareNodeMs: bare, machine: before })
}

const [, , given] = process.argv
if (given === undefined) await main()
else process.stdout.write(JSON.stringify(await once(given)))

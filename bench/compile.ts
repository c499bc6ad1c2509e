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

const ROUNDS = 20
const say = (line: string) => process.stdout.write(`${line}\n`)

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

function sideBySide(): Record<string, string> {
  const file = (i: number) =>
    `  - file: /srv/bench/f${i}.conf\n    mode: "0644"\n    content: |\n      # file ${i}\n      key = value ${i}\n      ${'x'.repeat(200)}`
  return {
    'drover.yaml': 'name: bench\n',
    'hosts.yaml': 'hosts:\n  bench: { roles: [bench] }\n',
    'roles/bench/role.yaml': [
      'resources:',
      '  - directory: /srv/bench',
      ...range(500, file),
      `  - package: [${range(50, (i) => `lib${i}`).join(', ')}]`,
      '  - service: [dbus.service, systemd-journald.service, systemd-logind.service]\n    enabled: null',
      `  - user: [${range(20, (i) => `bu${i}`).join(', ')}]\n    shell: /bin/bash\n`,
    ].join('\n'),
  }
}

async function once(dir: string): Promise<{ read: number; compile: number; resources: number }> {
  const start = performance.now()
  const { site } = await readSite(dir)
  const middle = performance.now()
  const { catalog, diagnostics } = await compile(site, 'bench', SAMPLE_FACTS, { states })
  if (catalog === null) throw new Error(JSON.stringify(diagnostics.slice(0, 3)))
  return { read: middle - start, compile: performance.now() - middle, resources: catalog.resources.length }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0

async function warm(dir: string): Promise<string> {
  const runs = []
  for (let i = 0; i < ROUNDS; i += 1) runs.push(await once(dir))
  const read = median(runs.map((run) => run.read))
  const compiling = median(runs.map((run) => run.compile))
  return `${runs[0]?.resources} resources warm: read ${read.toFixed(1)} ms + compile ${compiling.toFixed(1)} ms = ${(read + compiling).toFixed(1)} ms`
}

/** Each in a process of its own, in which nothing is compiled by the engine yet. */
function cold(dir: string): string {
  const runs = range(7, () => {
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), dir], {
      encoding: 'utf8',
    })
    return JSON.parse(stdout) as { read: number; compile: number }
  })
  return `cold: read ${median(runs.map((run) => run.read)).toFixed(1)} ms, compile ${median(runs.map((run) => run.compile)).toFixed(1)} ms`
}

const [, , given] = process.argv
if (given !== undefined) {
  say(JSON.stringify(await once(given)))
} else {
  const dir = mkdtempSync(join(tmpdir(), 'drover-bench-'))
  const bare = range(5, () => {
    const start = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    return performance.now() - start
  })
  say(`this machine starts node in ${median(bare).toFixed(0)} ms`)
  for (const [name, files] of [
    ['many', manyTemplates()],
    ['side-by-side', sideBySide()],
  ] as const) {
    write(join(dir, name), files)
    say(`${name}: ${cold(join(dir, name))}`)
    say(`${name}: ${await warm(join(dir, name))}`)
  }
  rmSync(dir, { recursive: true })
}

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Facts } from '../../lib/facts.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'

/** The site that the fleet is given: every host has 50 resources, and what they read of data is known. */

/** `all` is read by every host, `half` by every other one, `one` by the first. */
export type Key = 'all' | 'half' | 'one'

export const nameOf = (i: number) => `h${String(i).padStart(5, '0')}`

export const readersOf = (key: Key, hosts: number) =>
  ({ all: hosts, half: Math.ceil(hosts / 2), one: 1 })[key]

export const factsOf = (i: number, turn: number): Facts => ({
  ...SAMPLE_FACTS,
  hostname: nameOf(i),
  kernel: { release: `6.1.0-${turn}-amd64`, version: '6.1' },
})

const range = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`

const TEMPLATES = 5

const FILES = [
  ...range(TEMPLATES, (i) => [`  - file: /etc/bench/t${i}`, `    template: t${i}.j2`]),
  ...range(5, (i) => [`  - file: /etc/bench/f${i}`, `    content: "file ${i}\\n"`]),
].flat()

function role(name: string, template: string): [string, string][] {
  return [
    [
      `roles/${name}/role.yaml`,
      text('resources:', `  - file: /etc/bench/${name}`, `    template: ${name}.j2`),
    ],
    [`roles/${name}/templates/${name}.j2`, template],
  ]
}

const base = text(
  'description: What every host of the fleet has.',
  'resources:',
  '  - directory: /etc/bench',
  ...FILES,
  `  - package: [${range(25, (i) => `p${i}x`).join(', ')}]`,
  `  - service: [${range(13, (i) => `s${i}.service`).join(', ')}]`,
)

const template = (i: number) =>
  text(
    `# ${i} of {{ host.name }}`,
    ...range(15, (line) => `setting_${line} = ${'x'.repeat(20)}`),
    ...(i === 0 ? ['all = {{ data.key_all }}'] : []),
    ...(i === 1 ? ['kernel = {{ facts.kernel.release }}', 'name = {{ facts.hostname }}'] : []),
  )

export function siteFiles(hosts: number): ReadonlyMap<string, string> {
  const roles = (i: number) => ['base', ...(i % 2 === 0 ? ['half'] : []), ...(i === 0 ? ['one'] : [])]
  return new Map([
    ['drover.yaml', 'name: fleet\n'],
    [
      'hosts.yaml',
      text('hosts:', ...range(hosts, (i) => `  ${nameOf(i)}: { roles: [${roles(i).join(', ')}] }`)),
    ],
    ['roles/base/role.yaml', base],
    ...range(TEMPLATES, (i): [string, string] => [`roles/base/templates/t${i}.j2`, template(i)]),
    ...role('half', 'half = {{ data.key_half }}\n'),
    ...role('one', 'one = {{ data.key_one }}\n'),
    ['data/common.yaml', dataOf({ all: 0, half: 0, one: 0 })],
  ])
}

const dataOf = (values: Readonly<Record<Key, number>>) =>
  text(...Object.entries(values).map(([key, value]) => `key_${key}: ${value}`))

/** A repository in `dir`, and commits of other values into it. */
export function openSiteRepository(dir: string, hosts: number) {
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...words])
  for (const [path, content] of siteFiles(hosts)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  git('init', '--quiet', '--initial-branch=main')
  const commit = () => {
    git('add', '--all')
    git('commit', '--quiet', '--message=bench')
  }
  commit()
  const values = { all: 0, half: 0, one: 0 }
  return {
    change(key: Key): void {
      values[key] += 1
      writeFileSync(join(dir, 'data/common.yaml'), dataOf(values))
      commit()
    },
  }
}

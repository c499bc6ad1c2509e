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

export const range = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i))

export const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`

/** What the role that every host has is made of, beside one directory. */
export const [TEMPLATES, FILES] = [5, 5]
export const PACKAGES = range(25, (i) => `p${i}x`)
export const SERVICES = range(13, (i) => `s${i}.service`)

/** By host; a role beside `base` has one template, which reads the key of its name. */
export const rolesOf = (i: number): readonly (Key | 'base')[] => [
  'base',
  ...(i % 2 === 0 ? (['half'] as const) : []),
  ...(i === 0 ? (['one'] as const) : []),
]

/** What templates read of a host, in drover's words. */
export type Value = 'host.name' | 'facts.kernel.release' | 'facts.hostname' | `data.key_${Key}`

/** A template of the role that every host has, in the language that writes a value like that. */
export const templateOf = (i: number, write: (value: Value) => string) =>
  text(
    `# ${i} of ${write('host.name')}`,
    ...range(15, (line) => `setting_${line} = ${'x'.repeat(20)}`),
    ...(i === 0 ? [`all = ${write('data.key_all')}`] : []),
    ...(i === 1 ? [`kernel = ${write('facts.kernel.release')}`, `name = ${write('facts.hostname')}`] : []),
  )

/** The template of a role that some hosts have. */
export const keyTemplateOf = (key: Key, write: (value: Value) => string) =>
  text(`${key} = ${write(`data.key_${key}`)}`)

const jinja = (value: Value) => `{{ ${value} }}`

function role(name: Key): [string, string][] {
  return [
    [
      `roles/${name}/role.yaml`,
      text('resources:', `  - file: /etc/bench/${name}`, `    template: ${name}.j2`),
    ],
    [`roles/${name}/templates/${name}.j2`, keyTemplateOf(name, jinja)],
  ]
}

const base = text(
  'description: What every host of the fleet has.',
  'resources:',
  '  - directory: /etc/bench',
  ...range(TEMPLATES, (i) => [`  - file: /etc/bench/t${i}`, `    template: t${i}.j2`]).flat(),
  ...range(FILES, (i) => [`  - file: /etc/bench/f${i}`, `    content: "file ${i}\\n"`]).flat(),
  `  - package: [${PACKAGES.join(', ')}]`,
  `  - service: [${SERVICES.join(', ')}]`,
)

export function siteFiles(hosts: number): ReadonlyMap<string, string> {
  return new Map([
    ['drover.yaml', 'name: fleet\n'],
    [
      'hosts.yaml',
      text('hosts:', ...range(hosts, (i) => `  ${nameOf(i)}: { roles: [${rolesOf(i).join(', ')}] }`)),
    ],
    ['roles/base/role.yaml', base],
    ...range(TEMPLATES, (i): [string, string] => [`roles/base/templates/t${i}.j2`, templateOf(i, jinja)]),
    ...role('half'),
    ...role('one'),
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

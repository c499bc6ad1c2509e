import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { Diagnostics } from './diagnostics.ts'
import { checkIdentifier } from './identifiers.ts'
import { resolvePlain } from './yaml-scalar.ts'

/** Writes a small site that lints, and that converges anywhere. Gives the paths written; refuses a folder that holds anything. */
export function initSite(dir: string, { host, name }: { host: string; name: string }): string[] {
  checkNames(host, name)
  const files = siteFiles(host, name)
  try {
    refuseTaken(dir)
    for (const [path, text] of files) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text, { flag: 'wx' })
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('unavailable', `the site can't be written: ${reasonOf(error)}`, { about: dir })
  }
  return files.map(([path]) => path)
}

function refuseTaken(dir: string): void {
  const stat = statSync(dir, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isDirectory()) {
    throw new Failure('conflict', `${dir} is not a folder, so no site can be made there`, { about: dir })
  }
  if (stat !== undefined && readdirSync(dir).some((entry) => entry !== '.git')) {
    throw new Failure('conflict', `${dir} is not empty, and a new site overwrites nothing`, {
      about: dir,
      hint: 'name a folder that is empty or not there yet',
    })
  }
}

function checkNames(host: string, name: string): void {
  const found = new Diagnostics()
  const place = { file: '.', line: 1, column: 1 }
  checkIdentifier('host', host, place, found)
  checkIdentifier('site', name, place, found)
  for (const { message, hint } of found.sorted())
    throw new Failure('invalid', message, hint === null ? {} : { hint })
}

const siteFiles = (host: string, name: string): [string, string][] => [
  ['drover.yaml', `name: ${quoted(name)}\n`],
  [
    'hosts.yaml',
    `# Every host and its roles. A range such as "edge[1-4]" declares several.\nhosts:\n  ${quoted(host)}:\n    roles: [hello]\n`,
  ],
  ['data/common.yaml', COMMON],
  ['roles/hello/role.yaml', ROLE],
  ['roles/hello/templates/hello.txt.j2', TEMPLATE],
  ['roles/hello/files/about.txt', ABOUT],
]

/** A name of digits alone is a number to YAML, and "null" is none. */
const quoted = (text: string) =>
  /^[A-Za-z]/.test(text) && resolvePlain(text).value === text ? text : JSON.stringify(text)

const COMMON = `# Values for all hosts. data/environment/, data/group/ and data/host/ override them.
hello:
  greeting: Hello
`

const ROLE = `description: A folder with a greeting, to see drover at work.
params:
  greeting: { type: string, default: Hi }
  folder: { type: string, default: /srv/hello, pattern: "/[a-z/]+" }
resources:
  - directory: "{{ params.folder }}"
    mode: "0755"
  - file: "{{ params.folder }}/hello.txt"
    template: hello.txt.j2
    mode: "0644"
  - file: "{{ params.folder }}/about.txt"
    source: about.txt
    mode: "0644"
`

const TEMPLATE = `{{ params.greeting }} from {{ host.name }}, in {{ host.environment }}.

The roles of this host:
{% for role in host.roles %}
- {{ role }}
{% endfor %}
`

const ABOUT = `Written by drover. Change it by hand, plan again, and see what differs.
`

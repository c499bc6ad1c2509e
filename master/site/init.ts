import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../lib/failure.ts'

/** Writes a small site that lints, and that converges anywhere. Gives the paths written; refuses a folder that holds anything. */
export function initSite(dir: string, { host, name }: { host: string; name: string }): string[] {
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
  const files = siteFiles(host, name)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text, { flag: 'wx' })
  }
  return files.map(([path]) => path)
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

/** A name of digits alone is a number to YAML. */
const quoted = (text: string) => (/^[A-Za-z][A-Za-z0-9.-]*$/.test(text) ? text : JSON.stringify(text))

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

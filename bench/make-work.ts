/** The same work, written down for drover and for each of its peers. */
export type Work = {
  readonly files: number
  /** That the host has already: what apt itself takes is nobody's merit. */
  readonly packages: readonly string[]
  readonly services: readonly string[]
  readonly users: readonly string[]
}

export const DIRECTORY = '/srv/bench'
const SHELL = '/bin/bash'
const PADDING = '-'.repeat(200)

export const usualWork = (packages: readonly string[]): Work => ({
  files: 500,
  packages,
  services: ['dbus', 'systemd-journald', 'systemd-logind'],
  users: range(20, (i) => `bench${i}`),
})

/** `574 resources: 1 directory, …` */
export function describeWork({ files, packages, services, users }: Work): string {
  const count = 1 + files + packages.length + services.length + users.length
  return `${count} resources: 1 directory, ${files} files, ${packages.length} packages, ${services.length} services, ${users.length} users`
}

/** The files that declare the work, by path. */
export function makeWork(work: Work): ReadonlyMap<string, string> {
  return new Map([
    ['drover/drover.yaml', 'name: bench\n'],
    ['drover/hosts.yaml', 'hosts:\n  bench: { roles: [bench] }\n'],
    ['drover/roles/bench/role.yaml', drover(work)],
    ['puppet.pp', puppet(work)],
    ['ansible.yml', ansible(work)],
    ['cfengine.cf', cfengine(work)],
  ])
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}
const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`

const pathOf = (i: number) => `${DIRECTORY}/${i}.conf`
/** Some 230 bytes, of which none needs to be escaped by anyone. */
const linesOf = (i: number) => [`# file ${i} of the bench`, `number = ${i}`, PADDING]
/** For a string in double quotes. */
const escaped = (i: number) =>
  linesOf(i)
    .map((line) => `${line}\\n`)
    .join('')

function drover({ files, packages, services, users }: Work): string {
  const file = (i: number) => [
    `  - file: ${pathOf(i)}`,
    '    content: |',
    ...linesOf(i).map((line) => `      ${line}`),
  ]
  return text(
    'description: The work of the bench.',
    'resources:',
    `  - directory: ${DIRECTORY}`,
    ...range(files, file).flat(),
    `  - package: [${packages.join(', ')}]`,
    `  - service: [${services.map((name) => `${name}.service`).join(', ')}]`,
    '    enabled: null',
    `  - user: [${users.join(', ')}]`,
    `    shell: ${SHELL}`,
  )
}

function puppet({ files, packages, services, users }: Work): string {
  const owned = "owner => 'root', group => 'root'"
  return text(
    `file { '${DIRECTORY}': ensure => directory, ${owned}, mode => '0755' }`,
    ...range(
      files,
      (i) => `file { '${pathOf(i)}': ensure => file, ${owned}, mode => '0644', content => "${escaped(i)}" }`,
    ),
    ...packages.map((name) => `package { '${name}': ensure => installed }`),
    ...services.map((name) => `service { '${name}': ensure => running }`),
    ...users.map((name) => `user { '${name}': ensure => present, shell => '${SHELL}', managehome => true }`),
  )
}

function ansible({ files, packages, services, users }: Work): string {
  const owned = 'owner: root, group: root'
  return text(
    '- hosts: localhost',
    '  connection: local',
    '  tasks:',
    `  - file: { path: ${DIRECTORY}, state: directory, ${owned}, mode: "0755" }`,
    ...range(
      files,
      (i) => `  - copy: { dest: ${pathOf(i)}, ${owned}, mode: "0644", content: "${escaped(i)}" }`,
    ),
    `  - apt: { name: [${packages.join(', ')}] }`,
    ...services.map((name) => `  - systemd: { name: ${name}, state: started }`),
    ...users.map((name) => `  - user: { name: ${name}, shell: ${SHELL} }`),
  )
}

/** Files and users alone: its packages and services need modules and a package inventory that others do without. */
function cfengine({ files, users }: Work): string {
  return text(
    'body common control { bundlesequence => { "bench" }; }',
    'body perms kept(mode) { mode => "$(mode)"; owners => { "root" }; groups => { "root" }; rxdirs => "false"; }',
    'bundle agent bench {',
    'files:',
    `  "${DIRECTORY}/." create => "true", perms => kept("755");`,
    ...range(
      files,
      (i) => `  "${pathOf(i)}" create => "true", content => "${escapedLines(i)}", perms => kept("644");`,
    ),
    'users:',
    ...users.map(
      (name) => `  "${name}" policy => "present", shell => "${SHELL}", home_dir => "/home/${name}";`,
    ),
    '}',
  )
}

/** A string of CFEngine's holds its line ends as they are. */
const escapedLines = (i: number) => text(...linesOf(i))

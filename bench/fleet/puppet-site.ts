import {
  FILES,
  type Key,
  keyTemplateOf,
  nameOf,
  PACKAGES,
  range,
  rolesOf,
  SERVICES,
  TEMPLATES,
  templateOf,
  text,
  type Value,
} from './fleet-site.ts'

/** The fleet's site in Puppet's language: the same resources, templates and data, as its own documentation does it. */

const WRITTEN: Readonly<Record<Value, string>> = {
  'host.name': "@trusted['certname']",
  'facts.kernel.release': "@facts['kernel']['release']",
  'facts.hostname': "@facts['hostname']",
  'data.key_all': '@key_all',
  'data.key_half': '@key_half',
  'data.key_one': '@key_one',
}

// Of Puppet's two template languages the one that costs it less: a catalog of EPP takes a quarter more of the processor.
const erb = (value: Value) => `<%= ${WRITTEN[value]} %>`

const quoted = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(', ')}]`

// drover's files belong to root and have these modes unless a role says otherwise.
const file = (path: string, content: string) =>
  `  file { '${path}': ensure => file, owner => 'root', group => 'root', mode => '0644', content => ${content} }`

const base = text(
  'class base (Integer $key_all) {',
  "  file { '/etc/bench': ensure => directory, owner => 'root', group => 'root', mode => '0755' }",
  ...range(TEMPLATES, (i) => file(`/etc/bench/t${i}`, `template('base/t${i}.erb')`)),
  ...range(FILES, (i) => file(`/etc/bench/f${i}`, `"file ${i}\\n"`)),
  `  package { ${quoted(PACKAGES)}: ensure => installed }`,
  `  service { ${quoted(SERVICES)}: ensure => running, enable => true }`,
  '}',
)

function role(key: Key): [string, string][] {
  const manifest = text(
    `class ${key} (Integer $key_${key}) {`,
    file(`/etc/bench/${key}`, `template('${key}/${key}.erb')`),
    '}',
  )
  return [
    [`modules/${key}/manifests/init.pp`, manifest],
    [`modules/${key}/templates/${key}.erb`, keyTemplateOf(key, erb)],
  ]
}

const hiera = text(
  'version: 5',
  'defaults: { datadir: data, data_hash: yaml_data }',
  'hierarchy:',
  '  - { name: host, path: "hosts/%{trusted.certname}.yaml" }',
  '  - { name: common, path: common.yaml }',
)

/** The files of an environment, by path. */
export function environmentFiles(hosts: number): ReadonlyMap<string, string> {
  return new Map([
    ['hiera.yaml', hiera],
    ['manifests/site.pp', "lookup('roles', Array[String]).include\n"],
    ['modules/base/manifests/init.pp', base],
    ...range(TEMPLATES, (i): [string, string] => [`modules/base/templates/t${i}.erb`, templateOf(i, erb)]),
    ...role('half'),
    ...role('one'),
    ['data/common.yaml', text('base::key_all: 0', 'half::key_half: 0', 'one::key_one: 0')],
    ...range(hosts, (i): [string, string] => [
      `data/hosts/${nameOf(i)}.yaml`,
      `roles: [${rolesOf(i).join(', ')}]\n`,
    ]),
  ])
}

/** How many resources a host's catalog declares. */
export const resourcesOf = (i: number) =>
  1 + TEMPLATES + FILES + PACKAGES.length + SERVICES.length + rolesOf(i).length - 1

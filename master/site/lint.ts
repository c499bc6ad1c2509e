import { closure } from '../compile/closure.ts'
import type { CompileOptions } from '../compile/compile.ts'
import { compile } from '../compile/compile.ts'
import type { States } from '../compile/declare.ts'
import { defaultOf } from '../compile/role-scope.ts'
import { isComputed } from '../compile/scope.ts'
import { checkValue } from './check-value.ts'
import type { Diagnostic } from './diagnostics.ts'
import { Diagnostics } from './diagnostics.ts'
import type { SiteFile } from './folder.ts'
import { lintUnassigned } from './lint-role.ts'
import { meant } from './nearest.ts'
import { findPlaintextSecrets } from './plaintext.ts'
import type { ReadOptions, Site } from './read.ts'
import { readSite } from './read.ts'
import type { Role } from './role.ts'
import { SAMPLE_FACTS } from './sample-facts.ts'

/** Everything that can be known of a site without one of its hosts, sorted by place. */
export async function lint(dir: string, states: States, options: ReadOptions = {}): Promise<Diagnostic[]> {
  const found = new Diagnostics()
  const { site, diagnostics } = await readSite(dir, options)
  found.addAll(diagnostics)
  const used = await compileAll(site, states, found)
  const assigned = assignedRoles(site)
  for (const role of site.roles.values()) {
    checkDefaults(role, found)
    if (role.shipped) continue
    closure([{ name: role.name, place: role.place }], site.roles, found)
    if (assigned.has(role)) {
      unusedFiles(role, used, found)
    } else {
      await lintUnassigned(role, site, states, found)
      if (site.settings.assignments === 'site-only') warnUnused(role, found)
    }
  }
  unusedData(site, found)
  for (const file of filesOf(site)) findPlaintextSecrets(file, found)
  return found.sorted()
}

/** Where roles are also assigned on the master, nobody here knows which ones are. */
function warnUnused({ name, place }: Role, found: Diagnostics): void {
  found.warning('E_UNUSED_ROLE', place, `role ${name} is assigned to no host and included by no role that is`)
}

const sampleFacts = () => SAMPLE_FACTS

async function compileAll(site: Site, states: States, found: Diagnostics): Promise<ReadonlySet<string>> {
  const used = new Set<string>()
  const options: CompileOptions = { states, factsOf: sampleFacts }
  for (const name of site.hosts.keys()) {
    const compiled = await compile(site, name, SAMPLE_FACTS, options)
    found.addAll(compiled.diagnostics)
    for (const path of compiled.used) used.add(path)
  }
  return used
}

function assignedRoles(site: Site): ReadonlySet<Role> {
  const named = [...site.hosts.values()].flatMap((host) => host.roles)
  // Unknown roles and cycles are told by the compile.
  return new Set(closure(named, site.roles, new Diagnostics()))
}

function checkDefaults(role: Role, found: Diagnostics): void {
  for (const param of role.params) {
    const value = param.default
    if (value === null || (value.kind === 'scalar' && value.value === null)) continue
    // What is computed is checked where it is computed; this one, even where every host has a value of its own.
    if (!isComputed(value)) checkValue(value, param, defaultOf(param), found)
  }
}

/** What a template includes is used as well, and a `when` may leave out what another host uses. */
function unusedFiles(role: Role, used: ReadonlySet<string>, found: Diagnostics): void {
  const texts = [role.source, ...role.templates.values()].map((file) => file?.bytes.toString('utf8') ?? '')
  const named = (path: string) => texts.some((text) => text.includes(path))
  for (const [folder, files] of [
    ['templates', role.templates],
    ['files', role.files],
  ] as const) {
    for (const [path, file] of files) {
      if (used.has(file.path) || named(path)) continue
      const place = { file: file.path, line: 1, column: 1 }
      found.warning('E_UNUSED_FILE', place, `nothing in role ${role.name} uses ${folder}/${path}`, {
        hint: 'take it out',
      })
    }
  }
}

function unusedData(site: Site, found: Diagnostics): void {
  const hosts = [...site.hosts.values()]
  const known: Readonly<Record<string, readonly string[]>> = {
    environment: [...site.settings.environments.keys(), ...hosts.map((host) => host.environment)],
    group: hosts.flatMap((host) => host.groups),
    host: hosts.map((host) => host.name),
  }
  for (const [layer, { file }] of site.data) {
    const [kind = '', name = ''] = layer.split(/\/(.*)/)
    const names = known[kind]
    if (names === undefined || names.includes(name)) continue
    const place = { file, line: 1, column: 1 }
    found.warning('E_UNUSED_FILE', place, `no host has the ${kind} "${name}"`, { hint: meant(name, names) })
  }
}

function* filesOf(site: Site): Iterable<SiteFile> {
  yield* site.files
  for (const role of site.roles.values()) {
    if (role.shipped) continue
    if (role.source !== null) yield role.source
    yield* role.templates.values()
    yield* role.files.values()
  }
}

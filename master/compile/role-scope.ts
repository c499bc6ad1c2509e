import { MAX_TEMPLATE_BYTES } from '../../lib/limits.ts'
import { checkValue } from '../site/check-value.ts'
import { layersFor, mergeLayers } from '../site/data.ts'
import { type Diagnostic, Diagnostics, type Place } from '../site/diagnostics.ts'
import type { SiteFile } from '../site/folder.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import type { Limits } from '../site/limits.ts'
import { givenParams, type ParamDeclaration } from '../site/params.ts'
import type { Site } from '../site/read.ts'
import type { Role } from '../site/role.ts'
import type { MapNode, YamlNode } from '../site/tree.ts'
import { nodeOf, plain } from '../site/tree.ts'
import { decode } from '../site/yaml-text.ts'
import { Engine } from './engine.ts'
import type { FleetRecord, HostRecord } from './fleet.ts'
import { mentions, needsEngine } from './mentions.ts'
import { FAILED, isComputed, Scope } from './scope.ts'

/** What all roles of one host see. */
export type HostContext = {
  readonly host: HostDeclaration
  readonly record: HostRecord
  readonly roles: readonly Role[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly fleet: readonly FleetRecord[]
  readonly limits: Limits
  readonly secrets: Site['secrets']
  /** Merged, each value with its place. */
  readonly data: MapNode
  readonly dataValues: unknown
}

export function hostData(host: HostDeclaration, site: Site): Pick<HostContext, 'data' | 'dataValues'> {
  const data = mergeLayers(layersFor(host, site.data).map(({ map }) => map))
  return { data, dataValues: plain(data) }
}

/** The scope of one role on one host. Params with mistakes are reported, and left out. */
export function roleScope(role: Role, context: HostContext, found: Diagnostics): Scope {
  const engine = needsEngine(role) ? engineFor(role, found) : null
  engine?.setLimits(context.limits)
  const shared = {
    data: context.dataValues,
    facts: context.facts,
    host: context.record,
    hosts: context.fleet,
  }
  for (const [name, value] of Object.entries(shared)) if (mentions(role, name)) engine?.setGlobal(name, value)
  const templatePath = (name: string) => role.templates.get(name)?.path ?? role.place.file
  const { secrets } = context
  const early = new Scope(engine, shared, { templatePath, failedParams: [], secrets }, found)
  const params = paramsOf(role, context, early, found)
  engine?.setGlobal('params', params)
  const failedParams = role.params.map((param) => param.name).filter((name) => !(name in params))
  return new Scope(engine, { ...shared, params }, { templatePath, failedParams, secrets }, found)
}

type Opened = { readonly engine: Engine; readonly diagnostics: readonly Diagnostic[] }
const openings = new WeakMap<Role, Opened>()
// Most commits change no template of a role: its engine, which has read them all, serves the next reading as well.
const engines = new Map<string, Opened>()
const MAX_ENGINES = 256

function engineFor(role: Role, found: Diagnostics): Engine {
  const opened = openings.get(role) ?? reopen(role)
  openings.set(role, opened)
  found.addAll(opened.diagnostics)
  return opened.engine
}

function reopen(role: Role): Opened {
  const versions = [...role.templates.values()].map((file) => {
    // What is too large to be read is no template, whatever it holds.
    const version = file.size > MAX_TEMPLATE_BYTES ? file.size : file.sha256
    return `${file.path} ${version}`
  })
  const key = [role.place.file, ...versions].join('\n')
  const opened = engines.get(key) ?? openEngine(role)
  engines.set(key, opened)
  if (engines.size > MAX_ENGINES) engines.delete(engines.keys().next().value ?? '')
  return opened
}

/** All templates of a role are read here, so that one with a mistake is found whether or not anything uses it. */
function openEngine(role: Role): Opened {
  const found = new Diagnostics()
  const sources = new Map<string, string>()
  for (const [name, file] of role.templates) {
    const text = templateText(file, found)
    if (text !== null) sources.set(name, text)
  }
  const engine = new Engine(sources)
  for (const [name, { line, column, message, code, hint }] of engine.broken) {
    const file = role.templates.get(name)?.path ?? name
    found.error(code, { file, line, column }, message, { hint })
  }
  return { engine, diagnostics: found.sorted() }
}

function templateText(file: SiteFile, found: Diagnostics): string | null {
  if (file.size > MAX_TEMPLATE_BYTES) {
    const message = `the template has ${file.size} bytes, at most ${MAX_TEMPLATE_BYTES} are allowed`
    found.error('E_LIMIT', { file: file.path, line: 1, column: 1 }, message, {
      hint: 'put it into files/ as it is',
    })
    return null
  }
  return decode(file.bytes, file.path, found) === null ? null : file.bytes.toString('utf8')
}

function paramsOf(
  role: Role,
  { data, host, roles }: HostContext,
  scope: Scope,
  found: Diagnostics,
): Readonly<Record<string, unknown>> {
  const given = givenParams(role.name, role.params, data, host.vars, found)
  const params: Record<string, unknown> = {}
  for (const param of role.params) {
    if (host.vars !== null) checkAmbiguous(param.name, host.vars, role, roles, found)
    const node = given.get(param.name) ?? null
    const value =
      node === null || isNull(node)
        ? absent(param, node, role, host, scope, found)
        : checked(param, node, role, found)
    if (value !== FAILED) params[param.name] = value
  }
  return params
}

const isNull = (node: YamlNode) => node.kind === 'scalar' && node.value === null

function checked(param: ParamDeclaration, node: YamlNode, role: Role, found: Diagnostics): unknown {
  return checkValue(node, param, `param ${param.name} of role ${role.name}`, found) ? plain(node) : FAILED
}

/** What is neither given nor has a default is null: as a prop that means "not managed". */
function absent(
  param: ParamDeclaration,
  given: YamlNode | null,
  role: Role,
  host: HostDeclaration,
  scope: Scope,
  found: Diagnostics,
): unknown {
  if (param.required) {
    missing(param.name, role, given ?? host.place, found)
    return FAILED
  }
  const { default: node } = param
  if (node === null || given !== null) return null
  const value = scope.value(node, {})
  if (value === FAILED || value === null) return value
  const made = isComputed(node) ? nodeOf(value, node) : node
  return checkValue(made, param, defaultOf(param), found) ? value : FAILED
}

/** A default in the words of a sentence. */
export const defaultOf = ({ name }: ParamDeclaration) => `the default of param ${name}`

function missing(name: string, role: Role, place: Place, found: Diagnostics): void {
  found.error('E_REQUIRED', place, `role ${role.name} needs the param "${name}", and nothing gives it`, {
    hint: `set "${role.name}: { ${name}: … }" in data/, or "vars: { ${name}: … }" on the host`,
  })
}

/** A bare name in `vars` that two roles of the host know. Said once, by the later role. */
function checkAmbiguous(
  name: string,
  vars: MapNode,
  role: Role,
  roles: readonly Role[],
  found: Diagnostics,
): void {
  const entry = vars.entries.find(({ key }) => key === name)
  const others = roles.filter((other) => other.params.some((param) => param.name === name))
  if (entry === undefined || others.length < 2 || others.at(-1) !== role) return
  const named = others.map((other) => other.name)
  found.error(
    'E_PARAM_AMBIGUOUS',
    entry.place,
    `"${name}" is a param of several roles of this host: ${named.join(', ')}`,
    {
      hint: `say which: vars: { ${named[0]}: { ${name}: … } }`,
    },
  )
}

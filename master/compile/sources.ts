import type { Origin } from '../../lib/catalog.ts'
import { MAX_TEMPLATE_BYTES } from '../../lib/limits.ts'
import { Diagnostics, type Place } from '../site/diagnostics.ts'
import type { HostDeclaration } from '../site/hosts.ts'
import { givenParams } from '../site/params.ts'
import type { Site } from '../site/read.ts'
import type { ResourceDeclaration } from '../site/resource.ts'
import type { Role } from '../site/role.ts'
import { codeParts } from './code-parts.ts'
import { explain } from './explain.ts'
import { expressionsOfResource, inBraces, readsIn } from './reads.ts'
import { hostData } from './role-scope.ts'

/** Declarations of one resource of a host, and maybe a line of its content. */
export type SourcesQuestion = {
  readonly host: string
  readonly origins: readonly Origin[]
  readonly line: { readonly number: number; readonly text: string } | null
}

/** What a declaration may read, and where that is given: `data/common.yaml:3`. */
export type SourceRead = { readonly name: string; readonly places: readonly string[] }

/** One declaration and what it is made of. */
export type Source = {
  readonly role: string
  /** `roles/web/role.yaml:12`. */
  readonly origin: string
  /** The template or file that its content comes from, with the line that was asked for; `null`: none, or not known. */
  readonly file: { readonly path: string; readonly line: number | null } | null
  readonly reads: readonly SourceRead[]
}

/** What declarations are made of. Of one that the site has no more, its origin alone is known. */
export function sourcesOf(site: Site, { host, origins, line }: SourcesQuestion): Source[] {
  return origins.map(({ role: name, file, line: at, column }) => {
    const bare = { role: name, origin: `${file}:${at}`, file: null, reads: [] }
    const role = site.roles.get(name)
    const declared = site.hosts.get(host)
    const declaration = role?.resources.find(
      ({ place }) => place.file === file && place.line === at && place.column === column,
    )
    if (!role || !declared || !declaration) return bare
    const templates = templatesOf(role, declaration)
    const code = [...expressionsOfResource(declaration), ...templates.map((text) => inBraces(text))]
    return {
      ...bare,
      file: fileOf(role, declaration, line),
      reads: placesOf(site, declared, role, code.join('\n')),
    }
  })
}

/** A prop that is plain text; `null` for one that is made of an expression. */
function plainProp({ props }: ResourceDeclaration, key: string): string | null {
  const node = props.find((entry) => entry.key === key)?.value
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null
}

/** The texts of a declaration's template and of all that it includes. */
function templatesOf(role: Role, declaration: ResourceDeclaration): string[] {
  const first = plainProp(declaration, 'template')
  const names = new Set(first === null ? [] : [first])
  const texts: string[] = []
  for (const name of names) {
    const text = templateText(role, name)
    if (text === null) continue
    texts.push(text)
    // Whatever is quoted like a template may be included.
    for (const [, quoted = ''] of inBraces(text).matchAll(/["']([^"'\n]+)["']/g))
      if (role.templates.has(quoted)) names.add(quoted)
  }
  return texts
}

function templateText(role: Role, name: string): string | null {
  const file = role.templates.get(name)
  return file === undefined || file.size > MAX_TEMPLATE_BYTES ? null : file.bytes.toString('utf8')
}

function fileOf(role: Role, declaration: ResourceDeclaration, line: SourcesQuestion['line']): Source['file'] {
  const source = role.files.get(plainProp(declaration, 'source') ?? '')
  // It is brought as it is.
  if (source !== undefined) return { path: source.path, line: line?.number ?? null }
  const name = plainProp(declaration, 'template') ?? ''
  const template = role.templates.get(name)
  if (template === undefined) return null
  return { path: template.path, line: line && lineIn(templateText(role, name) ?? '', line.text) }
}

// No text of a template holds it.
const HOLE = '\0'

/** The one line of a template that a rendered line can come from; `null` where none or several could be it. */
function lineIn(template: string, rendered: string): number | null {
  const lines = withHoles(template.replace(/\n$/, '')).split('\n')
  const found = (fits: (line: string) => boolean) => lines.flatMap((one, i) => (fits(one) ? [i + 1] : []))
  const written = found((one) => one === rendered)
  const fitting = written.length > 0 ? written : found((one) => isMadeOf(rendered, one))
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}

/** A template with a mark in the place of all that is not text, line for line. */
function withHoles(template: string): string {
  const hole = (code: string) => `${HOLE}${'\n'.repeat(code.split('\n').length - 1)}`
  const text = template.replaceAll(/\{#[\s\S]*?#\}/g, hole)
  const parts = [...codeParts(text)].reverse()
  return parts.reduce(
    (rest, { index, text: code }) => rest.slice(0, index) + hole(code) + rest.slice(index + code.length),
    text,
  )
}

/** Whether the texts of a line stand in a rendered one in their order, and it has any. */
function isMadeOf(rendered: string, line: string): boolean {
  const texts = line.split(HOLE)
  const [first = '', last = ''] = [texts[0], texts.at(-1)]
  if (texts.length < 2 || texts.every((text) => text.trim() === '')) return false
  if (!rendered.startsWith(first) || !rendered.endsWith(last)) return false
  let at = first.length
  for (const text of texts.slice(1, -1)) {
    const next = rendered.indexOf(text, at)
    if (next < 0) return false
    at = next + text.length
  }
  return at <= rendered.length - last.length
}

const textOf = ({ file, line }: Place) => `${file}:${line}`

function placesOf(site: Site, host: HostDeclaration, role: Role, code: string): SourceRead[] {
  const reads = readsIn(code)
  const { data } = hostData(host, site)
  const given = givenParams(role.name, role.params, data, host.vars, new Diagnostics())
  const paramOf = (name: string) => {
    const place = given.get(name) ?? role.params.find((param) => param.name === name)?.default
    return place ? [textOf(place)] : []
  }
  const dataOf = (path: string) => {
    const leaves = explain(site, host.name, path)?.leaves ?? []
    return [...new Set(leaves.map(({ place }) => textOf(place)))]
  }
  const secretOf = (name: string) => {
    const place = site.secrets.get(name)?.place
    return place ? [textOf(place)] : []
  }
  const named = (kind: string, paths: ReadonlySet<string>, places: (path: string) => string[]) =>
    [...paths].sort().map((path) => ({ name: path === '' ? kind : `${kind}.${path}`, places: places(path) }))
  return [
    ...named('params', new Set([...reads.params].map((path) => path.split('.')[0] ?? '')), paramOf),
    ...named('data', reads.data, dataOf),
    ...named('facts', reads.facts, () => []),
    ...(reads.fleet ? [{ name: 'hosts', places: [] }] : []),
    ...[...reads.secrets].sort().map((name) => ({ name: `secret ${name}`.trim(), places: secretOf(name) })),
  ]
}

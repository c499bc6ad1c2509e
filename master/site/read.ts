import { statSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_YAML_BYTES } from '../../lib/limits.ts'
import type { DataLayers } from './data.ts'
import { readData } from './data.ts'
import type { Diagnostic } from './diagnostics.ts'
import { Diagnostics } from './diagnostics.ts'
import type { SiteFile } from './folder.ts'
import { SiteFolder } from './folder.ts'
import type { HostDeclaration } from './hosts.ts'
import { readHosts } from './hosts.ts'
import { checkIdentifier } from './identifiers.ts'
import type { Role } from './role.ts'
import { readRole } from './role.ts'
import type { SiteSecret } from './secrets.ts'
import { readSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { NO_SETTINGS, readSettings } from './settings.ts'
import type { YamlNode } from './tree.ts'
import { parseYaml } from './yaml.ts'

/** All that a site says, with the place of everything. */
export type Site = {
  readonly settings: Settings
  /** By name, in the order in which they are declared. */
  readonly hosts: ReadonlyMap<string, HostDeclaration>
  readonly roles: ReadonlyMap<string, Role>
  readonly data: DataLayers
  /** By name. */
  readonly secrets: ReadonlyMap<string, SiteSecret>
  /** What was read besides the roles. */
  readonly files: readonly SiteFile[]
}

export type ReadOptions = {
  /** The folder of the roles that ship with drover; a role of the site wins over one of the same name. */
  readonly shippedRoles?: string | null
}

export type SiteReading = { readonly site: Site; readonly diagnostics: readonly Diagnostic[] }

/** Reads a site whole. What is wrong is left out of `site` and named in `diagnostics`; nothing is thrown. */
export async function readSite(dir: string, { shippedRoles = null }: ReadOptions = {}): Promise<SiteReading> {
  const found = new Diagnostics()
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) {
    found.error('E_NO_SITE', { file: '.', line: 1, column: 1 }, `${dir} is not a folder`, {
      hint: 'make a site with "drover init DIR"',
    })
    const site: Site = {
      settings: NO_SETTINGS,
      hosts: new Map(),
      roles: new Map(),
      data: new Map(),
      secrets: new Map(),
      files: [],
    }
    return { site, diagnostics: found.sorted() }
  }
  const folder = new SiteFolder(dir, '', found)
  const files: SiteFile[] = []
  const parse = async (file: SiteFile | null) => {
    if (file !== null) files.push(file)
    return parseFile(file, found)
  }
  const settings = await readSettingsFile(folder, parse, found)
  const site: Site = {
    settings,
    hosts: await readHostFiles(folder, settings, parse, found),
    roles: await readRoles(folder, shippedRoles, found),
    data: await readData(folder, (path) => parse(folder.file(path)), found),
    secrets: await readSecrets(folder, parse, found),
    files,
  }
  return { site, diagnostics: found.sorted() }
}

type ParseFile = (file: SiteFile | null) => Promise<YamlNode | null>

async function readSettingsFile(folder: SiteFolder, parse: ParseFile, found: Diagnostics): Promise<Settings> {
  const file = folder.file('drover.yaml')
  if (file === null) {
    const place = folder.place('drover.yaml')
    found.error('E_MISSING_FILE', place, 'a site must have a drover.yaml', {
      hint: 'it needs no more than "name: example"',
    })
    return NO_SETTINGS
  }
  const tree = await parse(file)
  return tree === null ? NO_SETTINGS : readSettings(tree, found)
}

async function readHostFiles(
  folder: SiteFolder,
  settings: Settings,
  parse: ParseFile,
  found: Diagnostics,
): Promise<Map<string, HostDeclaration>> {
  const folded = new Map<string, HostDeclaration>()
  const paths = folder.names('hosts').filter((name) => name.endsWith('.yaml'))
  const files = ['hosts.yaml', ...paths.map((name) => `hosts/${name}`)].map((path) => folder.file(path))
  const present = files.filter((file) => file !== null)
  if (present.length === 0) {
    found.error('E_MISSING_FILE', folder.place('hosts.yaml'), 'a site must have a hosts.yaml or hosts/*.yaml')
    return folded
  }
  const before = found.errors
  for (const file of present) {
    const tree = await parse(file)
    if (tree !== null) readHosts(tree, settings, folded, found)
  }
  if (folded.size === 0 && found.errors === before) {
    const place = { file: present[0]?.path ?? 'hosts.yaml', line: 1, column: 1 }
    found.error('E_INVENTORY_EMPTY', place, 'the site declares no host', {
      hint: 'a site that has lost its hosts would have everything removed from them',
    })
  }
  return new Map([...folded.values()].map((host) => [host.name, host]))
}

async function readRoles(
  folder: SiteFolder,
  shipped: string | null,
  found: Diagnostics,
): Promise<Map<string, Role>> {
  const roles = new Map<string, Role>()
  await readRolesIn(folder, 'roles', false, roles, found)
  if (shipped !== null) await readRolesIn(new SiteFolder(shipped, SHIPPED, found), '', true, roles, found)
  return roles
}

/** Stands before the paths of what is not in the site but came with drover. */
const SHIPPED = '<drover>/roles/'

async function readRolesIn(
  folder: SiteFolder,
  below: string,
  shipped: boolean,
  roles: Map<string, Role>,
  found: Diagnostics,
): Promise<void> {
  for (const name of folder.names(below)) {
    const path = join(below, name)
    if (!folder.isFolder(path) || roles.has(name)) continue
    const place = folder.place(join(path, 'role.yaml'))
    if (!checkIdentifier('role', name, place, found)) continue
    const file = folder.file(join(path, 'role.yaml'))
    if (file === null) {
      found.error('E_MISSING_FILE', place, `role ${name} has no role.yaml`, { hint: `an empty role says {}` })
      continue
    }
    const body = await readRoleFile(file, found)
    const templates = folder.walk(join(path, 'templates'))
    const files = folder.walk(join(path, 'files'))
    roles.set(name, { ...body, name, place, shipped, source: file, templates, files })
  }
}

const EMPTY_ROLE = { description: null, includes: [], params: [], resources: [], checks: [], exports: [] }

async function readRoleFile(file: SiteFile, found: Diagnostics): Promise<ReturnType<typeof readRole>> {
  return cached(`role ${file.path}`, file, found, async (own) => {
    const tree = await parseYaml(file, own)
    return tree === null ? EMPTY_ROLE : readRole(tree, own)
  })
}

async function parseFile(file: SiteFile | null, found: Diagnostics): Promise<YamlNode | null> {
  if (file === null) return null
  return cached(`yaml ${file.path}`, file, found, (own) => parseYaml(file, own))
}

// A master compiles a site again at each commit, of which most files are those of the one before.
const readings = new Map<string, { value: unknown; diagnostics: readonly Diagnostic[] }>()
const MAX_READINGS = 4096

async function cached<T>(
  what: string,
  file: SiteFile,
  found: Diagnostics,
  read: (own: Diagnostics) => Promise<T>,
): Promise<T> {
  // A file that is too large is not even read for its hash.
  const key = file.size > MAX_YAML_BYTES ? `${what} ${file.size}` : `${what} ${file.sha256}`
  let reading = readings.get(key)
  if (reading === undefined) {
    const own = new Diagnostics()
    reading = { value: await read(own), diagnostics: own.sorted() }
    readings.set(key, reading)
    if (readings.size > MAX_READINGS) readings.delete(readings.keys().next().value ?? '')
  }
  found.addAll(reading.diagnostics)
  return reading.value as T
}

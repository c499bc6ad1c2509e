import { isIP } from 'node:net'
import { isAbsolute, resolve } from 'node:path'
import { MASTER_STATE_DIR } from '../lib/state-dirs.ts'
import type { Diagnostics } from './site/diagnostics.ts'
import { knownEntries } from './site/keys.ts'
import { asBoolean, asMap, asString, asStrings, type MapEntry, type YamlNode } from './site/tree.ts'
import type { Keep } from './store/retention.ts'

/** Where the site is: a folder, or a branch of a git repository. */
export type SitePlace =
  | { readonly folder: string }
  | {
      readonly git: string
      readonly branch: string
      readonly pollMs: number
      readonly allowRewrite: boolean
    }

/** What a master is told: /etc/drover/master.yaml and the flags of `drover master`. */
export type MasterSettings = {
  readonly site: SitePlace
  /** Where it keeps everything that it must not lose. */
  readonly state: string
  /** The names and addresses by which agents reach it; they stand in its certificate and in join strings. */
  readonly names: readonly string[]
  /** `address:port`; port 0 is any that is free. */
  readonly listen: string
  readonly enrollment: string
  readonly http: string
  /** Where Prometheus reads; `null`: nowhere. */
  readonly metrics: string | null
  /** The socket of the machine's administrators. */
  readonly socket: string
  /** A file with what a forge signs its webhooks with; `null`: none are taken. */
  readonly hookSecret: string | null
  /** How long the store keeps what; what is left out is as usual. */
  readonly keep?: Partial<Keep>
}

const KEYS = [
  'site',
  'state',
  'names',
  'listen',
  'enrollment',
  'http',
  'metrics',
  'socket',
  'hook_secret',
  'keep',
] as const

export const USUAL = {
  state: MASTER_STATE_DIR,
  listen: '[::]:7440',
  enrollment: '[::]:7441',
  // For programs of this machine, and for a web server in front.
  http: '127.0.0.1:7442',
  socket: '/run/drover/master.sock',
} as const

const POLL_SECONDS = 60

/** What the settings file says; what is wrong is told in `found`, with its place. */
export function readMasterSettings(tree: YamlNode, found: Diagnostics): Partial<MasterSettings> {
  const map = asMap(tree, 'master.yaml', found)
  if (map === null) return {}
  const entries = knownEntries(map, KEYS, 'master.yaml', found)
  const settings: { -readonly [Name in keyof MasterSettings]?: MasterSettings[Name] } = {}
  const site = entries.site && readSite(entries.site.value, found)
  if (site) settings.site = site
  const names = entries.names && asStrings(entries.names.value, 'a name', found).map(({ text }) => text)
  if (names?.length) settings.names = names
  for (const key of ['listen', 'enrollment', 'http', 'metrics'] as const) {
    const address = readText(entries[key], found)
    if (address !== null && checkAddress(entries[key] as MapEntry, address, found)) settings[key] = address
  }
  for (const key of ['state', 'socket'] as const) {
    const path = readText(entries[key], found)
    if (path !== null && checkPath(entries[key] as MapEntry, path, found)) settings[key] = path
  }
  const secret = readText(entries.hook_secret, found)
  if (secret !== null && checkPath(entries.hook_secret as MapEntry, secret, found))
    settings.hookSecret = secret
  return { ...settings, ...readKeep(entries.keep, found) }
}

const DAY_MS = 24 * 3_600_000
// A century: whoever wants it for ever has it.
const MAX_KEEP_DAYS = 36_500
const KEEP_KEYS = {
  bodies_days: 'bodiesMs',
  changes_days: 'changesMs',
  audit_days: 'auditMs',
  plans_days: 'plansMs',
} as const satisfies Record<string, keyof Keep>

function readKeep(given: MapEntry | undefined, found: Diagnostics): Pick<MasterSettings, 'keep'> {
  const map = given ? asMap(given.value, 'keep', found) : null
  if (map === null) return {}
  const names = Object.keys(KEEP_KEYS) as (keyof typeof KEEP_KEYS)[]
  const entries = knownEntries(map, names, 'keep', found)
  const keep: { -readonly [Name in keyof Keep]?: number } = {}
  for (const name of names) {
    const entry = entries[name]
    if (entry === undefined) continue
    const days = scalarOf(entry.value)
    if (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= MAX_KEEP_DAYS)
      keep[KEEP_KEYS[name]] = Number(days) * DAY_MS
    else found.error('E_VALUE', entry.value, `${name} is a whole number from 1 to ${MAX_KEEP_DAYS}`)
  }
  return { keep }
}

/** `null` for a list or a map. */
const scalarOf = (node: YamlNode) => (node.kind === 'scalar' ? node.value : null)

const readText = (entry: MapEntry | undefined, found: Diagnostics) =>
  entry === undefined ? null : asString(entry.value, entry.key, found)

function readSite(node: YamlNode, found: Diagnostics): SitePlace | null {
  if (node.kind === 'scalar') {
    const folder = asString(node, 'site', found)
    return folder === null ? null : { folder: resolve('/', folder) }
  }
  const map = asMap(node, 'site', found)
  if (map === null) return null
  const entries = knownEntries(
    map,
    ['git', 'branch', 'poll_seconds', 'allow_rewrite'] as const,
    'site',
    found,
  )
  const git = readText(entries.git, found)
  if (git === null) {
    if (entries.git === undefined) {
      const hint = 'write "site: /path" for a folder'
      found.error('E_REQUIRED', map, 'a site is a folder, or has the key "git"', { hint })
    }
    return null
  }
  const pollMs = readPoll(entries.poll_seconds, found)
  const rewrite = entries.allow_rewrite
  if (pollMs === null) return null
  return {
    git,
    branch: readText(entries.branch, found) ?? 'main',
    pollMs,
    allowRewrite: rewrite ? asBoolean(rewrite.value, rewrite.key, found) : false,
  }
}

function readPoll(entry: MapEntry | undefined, found: Diagnostics): number | null {
  const seconds = entry === undefined ? POLL_SECONDS : scalarOf(entry.value)
  if (typeof seconds === 'number' && seconds >= 5 && seconds <= 86_400) return seconds * 1000
  if (entry) found.error('E_VALUE', entry.value, 'poll_seconds is a number from 5 to 86400')
  return null
}

function checkAddress(entry: MapEntry, address: string, found: Diagnostics): boolean {
  if (isAddress(address)) return true
  const hint = `such as "0.0.0.0:7440" or "[::]:7440"`
  found.error('E_VALUE', entry.value, `${entry.key} is an address with a port, got "${address}"`, { hint })
  return false
}

/** `192.0.2.1:7440`, `[2001:db8::1]:7440`. */
export function isAddress(text: string): boolean {
  const [, address = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  const bare = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address
  return isIP(bare) === (bare === address ? 4 : 6) && Number(port) <= 65_535
}

function checkPath(entry: MapEntry, path: string, found: Diagnostics): boolean {
  if (isAbsolute(path)) return true
  found.error('E_VALUE', entry.value, `${entry.key} is an absolute path, got "${path}"`)
  return false
}

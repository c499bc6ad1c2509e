import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, reasonOf } from '../lib/failure.ts'
import type { HostDeclaration } from '../master/site/hosts.ts'
import { meant } from '../master/site/nearest.ts'
import type { Site } from '../master/site/read.ts'
import { editRoles, removeRoles } from './edit-roles.ts'
import { openSite, pickHost } from './site.ts'

export type Written = {
  /** Within the site. */
  readonly file: string
  readonly line: number
  readonly added: readonly string[]
  readonly unchanged: readonly string[]
}

/** Gives a host of a site more roles, in the file that declares it. */
export async function writeRoles(dir: string, name: string, roles: readonly string[]): Promise<Written> {
  const site = await openSite(dir)
  const host = declared(site, name)
  for (const role of roles) checkRole(site, role)
  const has = host.roles.map((role) => role.name)
  const added = [...new Set(roles)].filter((role) => !has.includes(role))
  const { file, line } = host.place
  const unchanged = roles.filter((role) => has.includes(role))
  if (added.length === 0) return { file, line, added, unchanged }
  const hint = `assign the role on the master: drover assign ${name} ${added.join(' ')}`
  rewrite(dir, host, hint, (text) => editRoles(text, name, added))
  return { file, line, added, unchanged }
}

export type Unwritten = {
  /** Within the site. */
  readonly file: string
  readonly line: number
  readonly removed: readonly string[]
  /** With where the host has each of them from, empty for nowhere. */
  readonly unchanged: readonly { readonly role: string; readonly origin: string }[]
}

/** Takes roles from a host of a site, in the file that declares it. */
export async function unwriteRoles(dir: string, name: string, roles: readonly string[]): Promise<Unwritten> {
  const host = declared(await openSite(dir), name)
  const { file, line } = host.place
  const own = new Set(host.roles.filter(({ place }) => place.file === file).map((role) => role.name))
  const asked = [...new Set(roles)]
  const removed = asked.filter((role) => own.has(role))
  const unchanged = asked
    .filter((role) => !own.has(role))
    .map((role) => {
      const place = host.roles.find((one) => one.name === role)?.place
      return { role, origin: place ? `${place.file}:${place.line}` : '' }
    })
  if (removed.length > 0)
    rewrite(dir, host, 'take the role from all of them by hand', (text) => removeRoles(text, name, removed))
  return { file, line, removed, unchanged }
}

/** Edits the file that declares a host. Refuses a range, whose other hosts would be edited too. */
function rewrite(
  dir: string,
  { name, place }: HostDeclaration,
  otherwise: string,
  edit: (text: string) => string,
): void {
  const path = join(dir, place.file)
  const text = readFileSync(path, 'utf8')
  const range = rangeAt(text, place.line)
  if (range !== null) {
    throw new Failure(
      'conflict',
      `${name} is one of the hosts of the range "${range}", which have the same roles`,
      {
        about: `${place.file}:${place.line}`,
        hint: `take it out of the range and declare it by itself, or ${otherwise}`,
      },
    )
  }
  replace(path, edit(text))
}

function declared(site: Site, name: string): HostDeclaration {
  const host = site.hosts.get(pickHost(site, name))
  if (host === undefined) throw new Error(`host ${name} was picked and is not there`)
  return host
}

function checkRole({ roles }: Site, role: string): void {
  if (roles.has(role)) return
  const hint = meant(role, roles.keys())
  throw new Failure('not-found', `the site has no role "${role}"`, hint === null ? {} : { hint })
}

/** The key at a line, when it stands for several hosts. */
function rangeAt(text: string, line: number): string | null {
  const [, key] = /^\s*["']?([^"':]*\[[^"']*\][^"':]*)["']?\s*:/.exec(text.split('\n')[line - 1] ?? '') ?? []
  return key ?? null
}

/** The whole file or none of it. */
function replace(path: string, text: string): void {
  const fresh = `${path}.drover-new`
  try {
    writeFileSync(fresh, text, { mode: statSync(path).mode, flag: 'wx' })
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw new Failure('unavailable', `the file can't be written: ${reasonOf(error)}`, {
      about: path,
      cause: error,
    })
  }
}

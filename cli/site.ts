import { existsSync } from 'node:fs'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { readFacts } from '../agent/facts.ts'
import type { Blobs, Catalog } from '../lib/catalog.ts'
import type { Facts } from '../lib/facts.ts'
import { Failure } from '../lib/failure.ts'
import { compile } from '../master/compile/compile.ts'
import { mentions } from '../master/compile/mentions.ts'
import type { Diagnostic } from '../master/site/diagnostics.ts'
import { nearest } from '../master/site/nearest.ts'
import { readSite, type Site } from '../master/site/read.ts'
import { states } from '../states/index.ts'
import { someOf } from './value-text.ts'

/** A site with errors. They are printed like those of `drover lint`. */
export class BadSite extends Error {
  readonly dir: string
  readonly diagnostics: readonly Diagnostic[]

  constructor(dir: string, diagnostics: readonly Diagnostic[]) {
    super(`the site in ${dir} has errors`)
    this.name = 'BadSite'
    this.dir = dir
    this.diagnostics = diagnostics
  }
}

/** The roles that ship with drover stand beside `dist/`, for the bundle as for what is compiled. */
export function shippedRoles(): string | null {
  const folder = fileURLToPath(new URL('../../roles', import.meta.url))
  return existsSync(folder) ? folder : null
}

/** Reads a site; throws `BadSite` with all its errors. */
export async function openSite(dir: string): Promise<Site> {
  const { site, diagnostics } = await readSite(dir, { shippedRoles: shippedRoles() })
  refuseErrors(dir, diagnostics)
  return site
}

export type Made = { readonly catalog: Catalog; readonly blobs: Blobs }

/** The catalog of one host of a site. */
export async function makeCatalog(dir: string, site: Site, host: string, facts: Facts): Promise<Made> {
  const { catalog, blobs, diagnostics } = await compile(site, host, facts, { states })
  refuseErrors(dir, diagnostics)
  if (catalog === null) throw new Error('a compile without errors gave no catalog')
  return { catalog, blobs }
}

function refuseErrors(dir: string, diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new BadSite(dir, errors)
}

/** A host by its name, or this machine. */
export function pickHost(site: Site, named: string | undefined): string {
  const known = [...site.hosts.keys()].sort()
  if (named !== undefined) {
    if (site.hosts.has(named)) return named
    const meant = nearest(named, known)
    throw new Failure('not-found', `the site declares no host "${named}"`, {
      hint: meant === null ? `it has ${someOf(known, 8)}` : `did you mean "${meant}"?`,
    })
  }
  const hostname = os.hostname()
  const self = namesOf(hostname).find((name) => site.hosts.has(name))
  if (self !== undefined) return self
  throw new Failure('not-found', `the site declares no host "${hostname}", which is this machine`, {
    hint: `name one with --host: ${someOf(known, 8)}`,
  })
}

/** A machine that calls itself by its full name may be known by the first part alone. */
const namesOf = (hostname: string) => [hostname, hostname.split('.')[0] ?? hostname]

export const isThisMachine = (host: string) => namesOf(os.hostname()).includes(host)

/** The facts of this machine. Those of its hardware take longer than all the rest, so a site has to mention them. */
export async function factsFor(site: Site, stateDir: string): Promise<Facts> {
  const isAsked =
    [...site.roles.values()].some((role) => mentions(role, 'hardware')) ||
    site.files.some(({ bytes }) => bytes.includes('hardware'))
  return isAsked ? allFacts(stateDir) : readFacts()
}

export async function allFacts(stateDir: string): Promise<Facts> {
  const { readAllFacts } = await import('../agent/hardware.ts')
  return readAllFacts(stateDir)
}

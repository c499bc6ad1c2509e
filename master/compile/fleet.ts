import { Diagnostics } from '../site/diagnostics.ts'
import type { HostDeclaration, Named } from '../site/hosts.ts'
import type { Site } from '../site/read.ts'
import { closure } from './closure.ts'

/** What templates see of a host. */
export type HostRecord = {
  readonly name: string
  readonly environment: string
  readonly groups: readonly string[]
  /** Missing when the site gives none, so that a template that uses it fails. */
  readonly address?: string
  /** With those that are included. */
  readonly roles: readonly string[]
}

export type FleetRecord = HostRecord & { readonly exports: Readonly<Record<string, unknown>> }

/** The roles that a host is given, in the site or on the master; what they include is not among them. */
export const namedBy = (host: HostDeclaration, assigned: readonly string[]): Named[] => [
  ...host.roles,
  ...assigned.map((name) => ({ name, place: host.place })),
]

export function hostRecord(host: HostDeclaration, site: Site, assigned: readonly string[]): HostRecord {
  const { name, environment, groups, address } = host
  // What is wrong with another host's roles is said when that host is compiled.
  const roles = closure(namedBy(host, assigned), site.roles, new Diagnostics()).map((role) => role.name)
  return { name, environment, groups, roles, ...(address !== null && { address }) }
}

import { compile } from '../compile/compile.ts'
import type { States } from '../compile/declare.ts'
import type { Diagnostics } from './diagnostics.ts'
import type { Site } from './read.ts'
import type { Role } from './role.ts'
import { SAMPLE_FACTS } from './sample-facts.ts'

// Values for a role come with the host that takes it.
const NOT_YET = new Set(['E_UNDEFINED', 'E_REQUIRED'])

/** Compiles a role that no host has for a host that is none, and reports what no value could mend. */
export async function lintUnassigned(
  role: Role,
  site: Site,
  states: States,
  found: Diagnostics,
): Promise<void> {
  const host = {
    name: 'sample',
    place: role.place,
    environment: site.settings.defaultEnvironment,
    groups: [],
    address: '192.0.2.1',
    roles: [{ name: role.name, place: role.place }],
    vars: null,
  }
  const alone: Site = { ...site, hosts: new Map([[host.name, host]]) }
  const { diagnostics } = await compile(alone, host.name, SAMPLE_FACTS, {
    states,
    factsOf: () => SAMPLE_FACTS,
  })
  found.addAll(diagnostics.filter(({ code }) => !NOT_YET.has(code)))
}

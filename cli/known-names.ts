import { type MasterOptions, placeOf } from './master-place.ts'
import { openOperator } from './operator.ts'
import type { Environment } from './print.ts'
import type { Known } from './suggest.ts'

// Whoever presses a key waits no longer.
const DEADLINES = { connectMs: 800, callMs: 1500 }

/** Names that the master knows; none when it can't be asked, since a completion never fails. */
export async function namesOfMaster(options: MasterOptions, env: Environment): Promise<Known> {
  try {
    const operator = await openOperator(await placeOf(options, env), DEADLINES)
    const { hosts } = await operator.call('ListHosts', {}).finally(() => operator.close())
    const roles = new Set(hosts.flatMap((host) => host.roles.map(({ role }) => role)))
    return {
      hosts: new Map(hosts.map((host) => [host.name, host.roles.map(({ role }) => role).join(' ')])),
      roles: new Map([...roles].sort().map((role) => [role, ''])),
    }
  } catch {
    return { hosts: new Map(), roles: new Map() }
  }
}

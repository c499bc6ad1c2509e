import type { Diagnostics } from '../site/diagnostics.ts'
import type { Named } from '../site/hosts.ts'
import { meant } from '../site/nearest.ts'
import type { Role } from '../site/role.ts'

/** The roles of a host with all that they include, each once, what is included first. */
export function closure(
  named: readonly Named[],
  roles: ReadonlyMap<string, Role>,
  found: Diagnostics,
): Role[] {
  const settled = new Set<Role>()
  const open: string[] = []
  const visit = ({ name, place }: Named): void => {
    const role = roles.get(name)
    if (role === undefined) {
      unknownRole(name, place, roles, found)
      return
    }
    if (settled.has(role)) return
    if (open.includes(name)) {
      const cycle = [...open.slice(open.indexOf(name)), name].join(' includes ')
      found.error('E_ROLE_CYCLE', place, `roles include each other: ${cycle}`, {
        hint: 'take one of the includes out',
      })
      return
    }
    open.push(name)
    for (const include of role.includes) visit(include)
    open.pop()
    settled.add(role)
  }
  for (const one of named) visit(one)
  return [...settled]
}

function unknownRole(
  name: string,
  place: Named['place'],
  roles: ReadonlyMap<string, Role>,
  found: Diagnostics,
): void {
  found.error('E_UNKNOWN_ROLE', place, `there is no role "${name}"`, { hint: meant(name, roles.keys()) })
}

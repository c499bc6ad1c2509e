import type { Diagnostics } from '../site/diagnostics.ts'
import type { Checked } from './references.ts'

/** Props that name an account which has to be there for as long as the resource is. */
const USES: readonly { readonly prop: string; readonly kind: 'user' | 'group' }[] = [
  { prop: 'owner', kind: 'user' },
  { prop: 'user', kind: 'user' },
  { prop: 'members', kind: 'user' },
  { prop: 'group', kind: 'group' },
  { prop: 'groups', kind: 'group' },
]

/** An account can't be removed and used by the same host: whichever comes first, the other fails. */
export function refuseRemovedAccounts(checked: readonly Checked[], found: Diagnostics): void {
  const removed = new Map(
    checked
      .filter(({ one: { type }, props }) => props?.absent === true && (type === 'user' || type === 'group'))
      .map(({ one }) => [one.id as string, one]),
  )
  if (removed.size === 0) return
  for (const { one, props } of checked) {
    if (props === null || props.absent === true) continue
    for (const id of usedBy(one.type, one.name ?? '', props)) {
      const place = removed.get(id)?.place
      if (place === undefined) continue
      found.error('E_ACCOUNT_REMOVED', one.place, `${one.id} uses ${id}, which is declared absent`, {
        hint: `see ${place.file}:${place.line}; take one of them out, or declare both absent`,
      })
    }
  }
}

function usedBy(type: string, name: string, props: Readonly<Record<string, unknown>>): Set<string> {
  const named = USES.flatMap(({ prop, kind }) =>
    [props[prop] ?? []].flat().map((account) => `${kind}:${account}`),
  )
  return new Set(type === 'authorized-keys' ? [...named, `user:${name}`] : named)
}

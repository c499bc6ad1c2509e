import type { Test } from 'tap'
import { nullable, parse, safeParse } from 'valibot'
import { plan } from '../../lib/plan.ts'
import type { AnyState } from '../../lib/state.ts'

/**
 * What holds for every state, whatever it manages. Each `test/states/<type>.test.ts` calls this once, then tests
 * what is particular to its type.
 *
 * @param read what `read` says of a host on which everything is as declared
 */
export function contract(
  t: Test,
  state: AnyState,
  name: string,
  declared: object,
  read: Record<string, unknown>,
): void {
  const props = parse(state.props, declared)
  parse(state.name, name)
  const current = parse(nullable(state.fields), read)
  const desired = state.desired(name, props)

  t.same(plan(state, name, props, current), { changes: [], steps: [] }, 'what is as declared needs no step')
  // What is missing may still have a reading, of what stands around it.
  const missing = desired && 'exists' in desired ? { ...current, exists: false } : null
  t.ok(plan(state, name, props, missing).steps.length > 0, 'what is missing is created')
  for (const field of Object.keys(desired ?? {})) {
    const drifted = { ...current, [field]: other(current?.[field]) }
    const planned = plan(state, name, props, drifted)
    t.same(
      planned.changes.map((change) => change.field),
      [field],
      `drift in ${field} is found, and it alone`,
    )
    t.ok(planned.steps.length > 0, `drift in ${field} is undone`)
  }
  t.match(
    safeParse(state.props, { ...declared, mispelt: 1 }).issues?.[0]?.message,
    /mispelt/,
    'a misspelt prop is refused by its name',
  )
  t.ok(state.examples.length > 0, 'there is an example of a declaration')
  for (const [key, schema] of Object.entries(
    (state.props as unknown as { entries: Record<string, unknown> }).entries,
  )) {
    if (state.carriesContent && key === 'sha256') continue
    t.match(JSON.stringify(schema, replacer), /"type":"description"/, `prop ${key} is described`)
  }
}

const replacer = (_key: string, value: unknown) =>
  typeof value === 'function' || typeof value === 'bigint' ? undefined : value

function other(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (Array.isArray(value)) return [...value, 'another']
  // A kind and a mode have to stay what they can be.
  if (value === 'file' || value === 'directory') return 'link'
  if (value === 'link') return 'file'
  if (typeof value === 'string' && /^[0-7]{4}$/.test(value)) return value === '0700' ? '0711' : '0700'
  return `not-${value}`
}

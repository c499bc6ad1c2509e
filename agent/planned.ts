import { parse } from 'valibot'
import type { Resource } from '../lib/catalog.ts'
import type { Key } from '../lib/host.ts'
import type { Work } from '../lib/outcome.ts'
import { answers, byField } from '../lib/plan.ts'
import type { AnyState, Fields } from '../lib/state.ts'
import { setAside } from './leaving.ts'
import type { Due, Pass } from './pass.ts'
import { preflight } from './preflight.ts'
import { previewsOf } from './preview.ts'
import { Recording } from './recording.ts'

export async function read(
  state: AnyState,
  { name, props }: Resource,
  { view }: Pass,
  keys: Key[],
): Promise<Fields | null> {
  const reading = await state.read(name, props, new Recording(view, keys))
  return reading === null ? null : parse(state.fields, reading)
}

export type Planned = Pick<Work, 'steps' | 'previews'>
export const NOTHING: Planned = { steps: [], previews: [] }

/** The steps of all that is due, checked against what the host lacks, and what they would write. */
export async function plannedOf(due: readonly Due[], pass: Pass): Promise<Planned> {
  const [first] = due
  if (first === undefined) return NOTHING
  const { state, resource, changes, current } = first
  const planned = state.gather
    ? await state.gather(
        due.map(({ resource: { name, props }, changes, current }) => ({
          name,
          props,
          changes: byField(changes),
          current,
        })),
        new Recording(pass.view, first.keys),
      )
    : state.steps(resource.name, resource.props, byField(changes), current)
  const isAside = pass.leaves.get(resource.id) === 'quarantine'
  const steps = isAside ? await setAside(resource.id, planned, pass.view) : planned
  for (const one of due) answers(state, one.resource.name, one.changes, steps)
  const mayCome = (key: Key) => pass.uncertain.before([key]).length > 0
  await preflight(steps, pass.view, mayCome, (key) => first.keys.push(key), pass.view.directories.safe)
  return { steps, previews: await previewsOf(steps, pass.view, pass.blobs) }
}

/** What is done for one of those that are performed together: the first of them has it all. */
export function workOf(one: Due, due: readonly Due[], { steps, previews }: Planned): Work {
  const { changes } = one
  const [first] = due
  if (first === undefined || first === one) return { changes, steps, with: null, previews }
  return { changes, steps: [], with: first.resource.id, previews: [] }
}

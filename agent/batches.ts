import type { Resource } from '../lib/catalog.ts'
import type { Run } from './pass.ts'

/** Consecutive resources of a type that gathers its steps, as long as they can be done together; others alone. */
export function* batches(
  resources: readonly Resource[],
  { states, paused }: Pick<Run, 'states' | 'paused'>,
): Generator<Resource[]> {
  let batch: Resource[] = []
  for (const resource of resources) {
    const state = states.get(resource.type)
    const [first] = batch
    const joins =
      first?.type === resource.type &&
      state?.gather !== undefined &&
      // One that is left alone is looked at by itself.
      !(paused?.has(first.id) || paused?.has(resource.id)) &&
      batch.every(
        ({ id, props }) => !resource.needs.includes(id) && (state.together?.(props, resource.props) ?? true),
      )
    if (!joins && batch.length > 0) {
      yield batch
      batch = []
    }
    batch.push(resource)
  }
  if (batch.length > 0) yield batch
}

import { parse } from 'valibot'
import { diff, plan } from '../../lib/plan.ts'
import type { AnyState } from '../../lib/state.ts'
import type { Step } from '../../lib/step.ts'
import { fakeHost } from './fake-host.ts'

/**
 * One resource on a fake host that holds some files: what its steps make of them. Throws when the second look still
 * finds a difference.
 */
export async function settle(
  state: AnyState,
  name: string,
  declared: object,
  files: Readonly<Record<string, string>>,
): Promise<{ steps: readonly Step[]; text: (path: string) => string | null }> {
  const fake = fakeHost()
  for (const [path, text] of Object.entries(files)) fake.put(path, text)
  const props = parse(state.props, declared)
  const { steps } = plan(state, name, props, await state.read(name, props, fake.host))
  for (const step of steps) await fake.perform(step)
  const left = diff(state.desired(name, props), await state.read(name, props, fake.host))
  if (left.length > 0) throw new Error(`it still differs: ${JSON.stringify(left)}`)
  return { steps, text: (path) => fake.files.get(path)?.text ?? null }
}

import type { PackageProps } from './apt.ts'
import { Failure } from './failure.ts'
import type { AptIndexReading, Host } from './host.ts'
import { milliseconds } from './names.ts'
import type { Planned } from './state.ts'
import type { AptAction } from './step.ts'

/** What is read of a host to plan its packages. */

/** Where apt notes what was installed for the sake of something else. */
export const EXTENDED_STATES = '/var/lib/apt/extended_states'

export const isOld = (index: AptIndexReading | null, refresh: string | null) =>
  index === null || index.outdated || (refresh !== null && index.ageMs > milliseconds(refresh))

type AnyPlanned = Planned<
  PackageProps,
  { installed: boolean; version: string | null; held: boolean; torn: boolean }
>

/** apt says the architecture of a package only where it is not the host's own. */
export async function withPlainNames(planned: readonly AnyPlanned[], host: Host): Promise<AnyPlanned[]> {
  const own = `:${(await host.package('dpkg'))?.architecture}`
  return planned.map((one) =>
    one.name.endsWith(own) ? { ...one, name: one.name.slice(0, -own.length) } : one,
  )
}

/** The solver does not see what dpkg left half done when it was interrupted; it is completed all the same. */
export function withHalfDone(transaction: readonly AptAction[], planned: readonly AnyPlanned[]): AptAction[] {
  const known = new Set(transaction.map(({ name }) => name))
  const halfDone = planned.filter(({ name, current }) => current?.installed === false && !known.has(name))
  return [
    ...halfDone.map(
      ({ name, current }) =>
        ({ action: 'configure', name, from: null, to: current?.version ?? null }) as const,
    ),
    ...transaction,
  ]
}

export async function heldOf(transaction: readonly AptAction[], host: Host): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const { name } of transaction) if ((await host.package(name))?.held) held.add(name)
  return held
}

export const nothingToDo = (planned: readonly AnyPlanned[]) =>
  new Failure('conflict', `apt would leave ${planned.map(({ name }) => name).join(', ')} as it is`, {
    hint: 'see "apt-cache policy": a pin may hold it back',
  })

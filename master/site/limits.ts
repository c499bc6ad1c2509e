import { SITE_LIMITS } from '../../lib/limits.ts'
import type { Diagnostics } from './diagnostics.ts'
import { knownEntries } from './keys.ts'
import type { MapEntry } from './tree.ts'
import { asMap, describe } from './tree.ts'

export type LimitName = keyof typeof SITE_LIMITS

/** The limits of one site; each number's unit is in its name. */
export type Limits = Readonly<Record<LimitName, number>>

const NAMES = Object.keys(SITE_LIMITS) as LimitName[]

export const USUAL_LIMITS = Object.fromEntries(
  NAMES.map((name) => [name, SITE_LIMITS[name].usual]),
) as unknown as Limits

/** What `limits` in `drover.yaml` says; one with a mistake is as usual. */
export function readLimits(entry: MapEntry | undefined, found: Diagnostics): Limits {
  const map = entry && asMap(entry.value, 'limits', found)
  if (!map) return USUAL_LIMITS
  const limits: Record<LimitName, number> = { ...USUAL_LIMITS }
  for (const { key, value } of Object.values(knownEntries(map, NAMES, 'limits', found))) {
    const name = key as LimitName
    const { most } = SITE_LIMITS[name]
    const number = value.kind === 'scalar' && typeof value.value === 'number' ? value.value : null
    if (number !== null && Number.isInteger(number) && number >= 1 && number <= most) limits[name] = number
    else {
      const message = `limits.${name} must be a whole number from 1 to ${most}, got ${describe(value)}`
      found.error(number === null ? 'E_TYPE' : 'E_VALUE', value, message)
    }
  }
  return limits
}

/** What to do where a limit is met; nothing where the site can't raise it any more. */
export function raise(name: LimitName, limits: Limits): string | null {
  const { most } = SITE_LIMITS[name]
  return limits[name] < most ? `if it is meant, set limits.${name} in drover.yaml, to at most ${most}` : null
}

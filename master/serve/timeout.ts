const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000001,
}

// Where a rule has no deadline a timer still can't be longer than this.
const LONGEST_MS = 2 ** 31 - 1

/**
 * The time that a call really has: what the peer asked for, and never more than the rule allows. `invalid`: the
 * header is none.
 */
export function timeoutOf(header: string | undefined, mostMs: number | null): number | null | 'invalid' {
  if (header === undefined) return mostMs
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? []
  if (digits === undefined || unit === undefined) return 'invalid'
  const asked = Math.ceil(Number(digits) * (UNITS_MS[unit] ?? 0))
  return Math.min(asked, mostMs ?? LONGEST_MS)
}

/** As a header: at most eight digits. */
export function timeoutHeader(ms: number): string {
  return ms < 1e8 ? `${ms}m` : `${Math.floor(ms / 1000)}S`
}

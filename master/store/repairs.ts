import type { Origins } from './origins.ts'
import type { Report } from './report.ts'
import type { Reported } from './report-body.ts'
import { insertion } from './statement.ts'
import type { Db, RepairTable } from './tables.ts'

/** Milliseconds that repairs are told apart by. */
export const WITHIN_MS = [
  ...[10, 25, 50, 75, 100, 150, 200, 300, 500, 750],
  ...[1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000],
] as const
/** What took longer than all of them. */
export const LONGER = Number.MAX_SAFE_INTEGER

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The hour of what was counted ever, which only grows. */
const EVER = 0

/** How many repairs of one type took so long and no less, and milliseconds of all of them together. */
export type Repairs = Pick<RepairTable, 'type' | 'within_ms' | 'repairs' | 'ms'>

export const reads = {
  /** Of all hosts, since the beginning of the hour of that time. */
  since: (db: Db, { at }: { at: number }): Promise<Repairs[]> => sums(db, '>=', hourOf(at)),

  ever: (db: Db): Promise<Repairs[]> => sums(db, '=', EVER),
}

const sums = (db: Db, is: '>=' | '=', hour: number): Promise<Repairs[]> =>
  db
    .selectFrom('repairs')
    .select(({ fn }) => [
      'type',
      'within_ms',
      fn.sum<number>('repairs').as('repairs'),
      fn.sum<number>('ms').as('ms'),
    ])
    .where('hour_at', is, hour)
    .groupBy(['type', 'within_ms'])
    .orderBy('type')
    .orderBy('within_ms')
    .execute()

const addRows = insertion((db, rows: readonly RepairTable[]) =>
  db
    .insertInto('repairs')
    .values(rows)
    .onConflict((on) =>
      on.columns(['hour_at', 'type', 'within_ms']).doUpdateSet((eb) => ({
        repairs: eb('repairs.repairs', '+', eb.ref('excluded.repairs')),
        ms: eb('repairs.ms', '+', eb.ref('excluded.ms')),
      })),
    ),
)

/** Counts what a run put right of which something was heard, by type; what its catalog does not declare is no type. */
export async function countRepairs(
  db: Db,
  { circumstances }: Report,
  { outcomes, origins }: { outcomes: readonly Reported[]; origins: Origins },
  at: number,
): Promise<void> {
  const found = new Map<string, Repairs>()
  for (const { id, status, latencyMs } of outcomes) {
    if (status !== 'changed' || latencyMs === undefined || !origins.has(id)) continue
    const type = id.slice(0, id.indexOf(':'))
    const within_ms = WITHIN_MS.find((ms) => latencyMs <= ms) ?? LONGER
    const key = `${type} ${within_ms}`
    const { repairs = 0, ms = 0 } = found.get(key) ?? {}
    found.set(key, { type, within_ms, repairs: repairs + 1, ms: ms + latencyMs })
  }
  // A report that was a day on its way is too old for anyone who asks how fast hosts are.
  const hours = at < circumstances.received_at - DAY_MS ? [EVER] : [EVER, hourOf(at)]
  await addRows(
    db,
    hours.flatMap((hour_at) => [...found.values()].map((row) => ({ hour_at, ...row }))),
  )
}

const hourOf = (at: number) => at - (at % HOUR_MS)

/** By type: how many there were, and within how many milliseconds half of them were done, and 99 of 100. */
export function repairTimes(rows: readonly Repairs[]) {
  return [...new Set(rows.map(({ type }) => type))].map((type) => {
    const own = rows.filter((row) => row.type === type)
    const repairs = own.reduce((sum, row) => sum + row.repairs, 0)
    const within = (share: number) => {
      let rest = Math.ceil(share * repairs)
      const last = own
        .toSorted((a, b) => a.within_ms - b.within_ms)
        .find((row) => {
          rest -= row.repairs
          return rest <= 0
        })
      return last?.within_ms ?? LONGER
    }
    return { type, repairs, p50Ms: within(0.5), p99Ms: within(0.99) }
  })
}

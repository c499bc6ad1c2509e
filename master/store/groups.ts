import * as assignments from './assignments.ts'
import * as audit from './audit.ts'
import * as bodies from './bodies.ts'
import * as catalogs from './catalogs.ts'
import * as contested from './contested.ts'
import * as drift from './drift.ts'
import * as facts from './facts.ts'
import * as hosts from './hosts.ts'
import * as invites from './invites.ts'
import * as operators from './operators.ts'
import * as pauses from './pauses.ts'
import * as plans from './plans.ts'
import * as repairs from './repairs.ts'
import * as report from './report.ts'
import * as requests from './requests.ts'
import * as retention from './retention.ts'
import * as revisions from './revisions.ts'
import * as runs from './runs.ts'
import type { Db } from './tables.ts'

/** All that can be asked of the store and done to it, by noun. Each is a function of the database and one value. */
export const groups = {
  hosts,
  invites,
  assignments,
  revisions,
  catalogs: { reads: catalogs.reads, writes: catalogs.writes },
  bodies: { reads: bodies.reads, writes: bodies.writes },
  facts,
  runs: { reads: runs.reads, writes: report.writes },
  repairs: { reads: repairs.reads, writes: {} },
  requests: { reads: requests.reads, writes: requests.writes },
  drift: { reads: drift.reads, writes: {} },
  pauses,
  contested: { reads: contested.reads, writes: {} },
  plans,
  audit: { reads: audit.reads, writes: audit.writes },
  operators,
  retention: { reads: {}, writes: retention.writes },
}

type Groups = typeof groups
type Called<F> = F extends (db: Db, ...args: infer Args) => infer Returned
  ? (...args: Args) => Promise<Awaited<Returned>>
  : never
type CalledAll<G> = { readonly [Name in keyof G]: Called<G[Name]> }

/** The same functions as callers have them: without the database, which is elsewhere. */
export type CalledGroups = {
  readonly [Noun in Exclude<keyof Groups, 'retention'>]: CalledAll<Groups[Noun]['reads']> &
    CalledAll<Groups[Noun]['writes']>
}

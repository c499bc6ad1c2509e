import type { Catalog } from '../lib/catalog.ts'
import type { AnyState, ResourceId } from '../lib/state.ts'
import type { Hint } from './drift.ts'
import { placesOf } from './places.ts'
import type { Report } from './spool.ts'
import { told, type Witness } from './who.ts'

/** Adds to the report of a run what is known of the time before the drift that called it, if it found any. */
export type AddEvidence = (report: Report, scrub: (text: string) => string) => Promise<Report>

/**
 * Looks at how the files are that something was heard of, before they are put right. What else there is to know is
 * asked for when all is done, so that no repair waits for it.
 */
export function beforeRepair(
  { witness, states }: { readonly witness: Witness; readonly states: ReadonlyMap<string, AnyState> },
  hint: Hint,
  only: ReadonlySet<ResourceId>,
  { resources }: Catalog,
): AddEvidence {
  const startedAt = Date.now()
  const heardAt = startedAt - (performance.now() - Math.min(...hint.values()))
  const heard = resources.filter(({ id }) => hint.has(id) && only.has(id))
  const files = witness.look([...placesOf({ resources: heard }, states).paths.keys()], heardAt)
  return async (report, scrub) => {
    const { planned = 0, changed = 0, failed = 0 } = report.head.counts ?? {}
    if (planned + changed + failed === 0) return report
    const facts = [...files, ...(await witness.around(heardAt, startedAt))]
    const evidence = told(facts.map((fact) => ({ ...fact, text: scrub(fact.text) })))
    return evidence.length === 0 ? report : { ...report, head: { ...report.head, evidence } }
  }
}

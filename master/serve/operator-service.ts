import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import { blame } from './blame.ts'
import { compareCatalogs } from './compare-catalogs.ts'
import type { Handlers } from './handlers.ts'
import { operatorQuestions } from './keeping.ts'
import { operatorPauses } from './operator-pauses.ts'
import { operatorReads } from './operator-reads.ts'
import { operatorWrites } from './operator-writes.ts'
import { rehearse } from './rehearse.ts'
import { runHosts } from './run-hosts.ts'
import type { Serving } from './serving.ts'
import { undo } from './undo.ts'

/** What the command line and the dashboard call. */
export function operatorService(serving: Serving): Handlers<OperatorHandlers> {
  return {
    ...operatorReads(serving),
    ...operatorWrites(serving),
    ...operatorPauses(serving),
    ...operatorQuestions(serving),
    Blame: (request) => blame(serving, request),
    CompareCatalogs: (request) => compareCatalogs(serving, request),
    Rehearse: (request, call) => rehearse(serving, request, call),
    Run: (request, call) => runHosts(serving, request, call),
    Undo: (request, call) => undo(serving, request, call),
  }
}

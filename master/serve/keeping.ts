import { Failure } from '../../lib/failure.ts'
import { isFailureCode } from '../../proto/failures.ts'
import type { OperatorHandlers } from '../../proto/gen/drover/v1/Operator.ts'
import type { Question } from '../../proto/gen/drover/v1/Question.ts'
import type { Handlers } from './handlers.ts'
import { joinedHost } from './host-rows.ts'
import type { Serving } from './serving.ts'

/** What operators ask of a host itself: what drover owns there, and what is in its quarantine. */
export function operatorQuestions(
  serving: Serving,
): Pick<Handlers<OperatorHandlers>, 'ListOwned' | 'ReleaseClaim' | 'ListQuarantine' | 'BringBack'> {
  const ask = async (host: string, kind: NonNullable<Question['kind']>, subject = ''): Promise<Buffer> => {
    const { row } = await joinedHost(serving, host)
    const { data, problem } = await serving.fleet.ask(row.id, { request_id: serving.newId(), kind, subject })
    if (problem === null) return data
    // What the host says is for a person to read; its code is one of ours, or it is none.
    throw new Failure(isFailureCode(problem.code) ? problem.code : 'internal', problem.reason, {
      about: host,
      ...(problem.hint && { hint: problem.hint }),
    })
  }
  return {
    ListOwned: async ({ host }) => ({ owned: await ask(host, 'KIND_OWNED') }),
    async ReleaseClaim({ host, resource }) {
      await ask(host, 'KIND_RELEASE', named(resource, 'the id of a resource'))
      return {}
    },
    ListQuarantine: async ({ host }) => ({ quarantined: await ask(host, 'KIND_QUARANTINED') }),
    async BringBack({ host, name }) {
      const path: unknown = JSON.parse((await ask(host, 'KIND_BRING_BACK', named(name, 'a name'))).toString())
      return { path: typeof path === 'string' ? path : '' }
    },
  }
}

/** Empty asks nothing. */
function named(subject: string, what: string): string {
  if (subject === '') throw new Failure('invalid', `${what} is expected`)
  return subject
}

import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse } from '../../proto/gen/drover/v1/FollowResponse.ts'
import type { Problem__Output } from '../../proto/gen/drover/v1/Problem.ts'
import type { Progress__Output } from '../../proto/gen/drover/v1/Progress.ts'
import type { Watching__Output } from '../../proto/gen/drover/v1/Watching.ts'

/** The agent's end of one stream. */
export type AgentStream = {
  readonly messages: AsyncIterable<FollowRequest__Output>
  send(message: FollowResponse): void
  /** Ends it, with a reason for the peer. */
  end(failure?: Error): void
}

const MAX_WATCHED_TYPES = 100
const MAX_TYPE_CHARACTERS = 64
const MAX_SAID_CHARACTERS = 2000

const cut = (text: string) => text.slice(0, MAX_SAID_CHARACTERS)

const boundedProblem = (problem: Problem__Output | null) =>
  problem && { ...problem, reason: cut(problem.reason), hint: cut(problem.hint) }

const boundedProgress = (progress: Progress__Output): Progress__Output => ({
  ...progress,
  resource: cut(progress.resource),
  status: cut(progress.status),
  waiting: cut(progress.waiting),
})

const boundedWatching = ({ types, ...counts }: Watching__Output): Watching__Output => {
  const known = types.slice(0, MAX_WATCHED_TYPES)
  return { ...counts, types: known.map((one) => ({ ...one, type: one.type.slice(0, MAX_TYPE_CHARACTERS) })) }
}

/** What an agent said, which may be anything: it is kept, waits for whoever reads slowly, and goes into headers. */
export function bounded({ progress, finished, answer, watching, ...word }: FollowRequest__Output) {
  return {
    ...word,
    progress: progress ? boundedProgress(progress) : null,
    finished: finished ? { ...finished, problem: boundedProblem(finished.problem) } : null,
    answer: answer ? { ...answer, problem: boundedProblem(answer.problem) } : null,
    watching: watching ? boundedWatching(watching) : null,
  }
}

import { Failure } from '../../lib/failure.ts'
import { QUESTION_TIMEOUT_MS } from '../../lib/limits.ts'
import type { Answer__Output } from '../../proto/gen/drover/v1/Answer.ts'
import type { Question } from '../../proto/gen/drover/v1/Question.ts'
import type { AgentStream } from './agent-words.ts'

type Asked = {
  readonly hostId: string
  done(answer: Answer__Output): void
  fail(why: Failure): void
}

/** What hosts were asked about what they keep, and have not answered yet. */
export class Questions {
  /** By the id of the request. */
  readonly #asked = new Map<string, Asked>()

  /** Fails with `unavailable` when the host goes away, and with `timeout`. */
  ask(
    hostId: string,
    stream: AgentStream,
    question: Question & { readonly request_id: string },
  ): Promise<Answer__Output> {
    const { request_id } = question
    let timer: NodeJS.Timeout | undefined
    return new Promise<Answer__Output>((done, fail) => {
      this.#asked.set(request_id, { hostId, done, fail })
      const seconds = QUESTION_TIMEOUT_MS / 1000
      const late = () => fail(new Failure('timeout', `the host has not answered within ${seconds} s`))
      timer = setTimeout(late, QUESTION_TIMEOUT_MS).unref()
      stream.send({ question })
    }).finally(() => {
      clearTimeout(timer)
      this.#asked.delete(request_id)
    })
  }

  /** A host answers what it was asked itself, and nothing else. */
  answered(hostId: string, answer: Answer__Output): void {
    const asked = this.#asked.get(answer.request_id)
    if (asked?.hostId === hostId) asked.done(answer)
  }

  /** The host is not connected any more. */
  lost(hostId: string): void {
    for (const asked of this.#asked.values())
      if (asked.hostId === hostId) asked.fail(new Failure('unavailable', 'the host went away'))
  }
}

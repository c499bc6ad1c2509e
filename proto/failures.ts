import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js'
import { Failure, type FailureCode } from '../lib/failure.ts'

/** The one table from what went wrong to the status of a call. */
const STATUS = {
  invalid: status.INVALID_ARGUMENT,
  'not-found': status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  denied: status.PERMISSION_DENIED,
  unauthenticated: status.UNAUTHENTICATED,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  timeout: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
} as const satisfies Record<FailureCode, status>

const CODES = new Map<status, FailureCode>(
  Object.entries(STATUS).map(([code, number]) => [number, code as FailureCode]),
)

/** Whether a peer's word for what went wrong is one of ours. */
export const isFailureCode = (word: string): word is FailureCode => Object.hasOwn(STATUS, word)

// Binary keys, since a name or a hint may hold what a header may not.
const ABOUT = 'drover-about-bin'
const HINT = 'drover-hint-bin'

/** A failure as the status that ends a call. */
export function statusOf(failure: Failure): StatusObject {
  const metadata = new Metadata()
  if (failure.about !== undefined) metadata.set(ABOUT, Buffer.from(failure.about))
  if (failure.hint !== undefined) metadata.set(HINT, Buffer.from(failure.hint))
  return { code: STATUS[failure.code], details: failure.message, metadata }
}

/** The failure that a call ended with, for the side that made it. */
export function failureOf(error: ServiceError): Failure {
  const text = (key: string) => error.metadata?.get(key)[0]?.toString()
  const [about, hint] = [text(ABOUT), text(HINT)]
  return new Failure(CODES.get(error.code) ?? 'internal', error.details, {
    ...(about === undefined ? {} : { about }),
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}

import { Failure, type FailureCode } from '../../lib/failure.ts'

/** What the store's threads say to each other. */

export type Kind = 'write' | 'read' | 'keep'
export type Start = { readonly kind: Kind; readonly path: string }

export type Call = {
  readonly id: number
  readonly noun: string
  readonly name: string
  readonly args: unknown[]
}
export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: Thrown })

/** Of the call that a thread's own start is. */
export const START = 0

export type Thrown = {
  readonly code: FailureCode | null
  readonly message: string
  readonly about: string | undefined
  readonly hint: string | undefined
  readonly stack: string | undefined
}

/** An error as it may pass from one thread to another, which knows nothing of classes. */
export function packed(error: unknown): Thrown {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  if (!(error instanceof Failure)) return { code: null, message, stack, about: undefined, hint: undefined }
  return { code: error.code, message, stack, about: error.about, hint: error.hint }
}

export function unpacked({ code, message, about, hint, stack }: Thrown): Error {
  if (code === null) return Object.assign(new Error(message), { stack })
  return new Failure(code, message, {
    ...(about === undefined ? {} : { about }),
    ...(hint === undefined ? {} : { hint }),
  })
}

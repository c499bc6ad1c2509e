import type { JoinString } from '../lib/join-string.ts'
import type { AgentIdentity } from './identity.ts'

export type JoinParts = {
  /** Where the identity is written; it must hold none. */
  readonly dir: string
  /** For an operator: no age identity is made. */
  readonly kind: 'host' | 'operator'
  readonly tell: (progress: string) => void
  readonly signal?: AbortSignal
}

/** Makes keys, proves the invitation and writes the identity that it gets. */
export async function joinMaster(_join: JoinString, _parts: JoinParts): Promise<AgentIdentity> {
  throw new Error('not built yet')
}

/** A new certificate for the same key, when the one in `dir` has expired. */
export async function recoverIdentity(_dir: string, _signal?: AbortSignal): Promise<AgentIdentity> {
  throw new Error('not built yet')
}

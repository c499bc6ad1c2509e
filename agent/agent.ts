import type { Blobs, Catalog } from '../lib/catalog.ts'
import type { Facts } from '../lib/facts.ts'
import type { SealedSecret__Output } from '../proto/gen/drover/v1/SealedSecret.ts'
import type { Credentials, LinkTimes } from './link.ts'
import type { Local, Session } from './local.ts'
import type { AgentSettings } from './settings.ts'

/** What a run converges on, secrets opened. */
export type Opened = { readonly catalog: Catalog; readonly blobs: Blobs }

/** What an agent is made of beside its settings; a test and the bench hand in their own host. */
export type AgentParts = {
  readonly version: string
  readonly credentials: () => Credentials
  /** Where the master is, unless the settings say so. */
  readonly addresses: readonly string[]
  readonly openSession: (local: Local) => Session
  readonly readFacts: () => Promise<Facts>
  /** Puts the secrets of a catalog in their places, in memory, just before a run. */
  readonly openSecrets: (
    catalog: Catalog,
    blobs: Blobs,
    sealed: readonly SealedSecret__Output[],
  ) => Promise<Opened>
  readonly times?: Partial<AgentTimes>
}

/** Scaled down in tests; milliseconds. */
export type AgentTimes = LinkTimes & { readonly sweepMs: number; readonly splayMs: number }

export interface Agent {
  /** Ends the run under way after its resource, and waits for that no longer than this. */
  close(graceMs: number): Promise<void>
}

/** Enforces the last good catalog from now on, and follows the master whenever it is there. */
export async function openAgent(_settings: AgentSettings, _parts: AgentParts): Promise<Agent> {
  throw new Error('the agent is not built yet')
}

import type { CatalogHead__Output } from '../proto/gen/drover/v1/CatalogHead.ts'
import type { FollowRequest } from '../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse__Output } from '../proto/gen/drover/v1/FollowResponse.ts'
import type { Hello } from '../proto/gen/drover/v1/Hello.ts'
import type { RenewResponse__Output } from '../proto/gen/drover/v1/RenewResponse.ts'
import type { ReportHead } from '../proto/gen/drover/v1/ReportHead.ts'
import type { Welcome__Output } from '../proto/gen/drover/v1/Welcome.ts'

/** What an agent shows the master, and whom it trusts; PEM. */
export type Credentials = { readonly key: string; readonly chain: string; readonly roots: string }

/** Scaled down in tests; milliseconds. */
export type LinkTimes = {
  readonly connectMs: number
  readonly callMs: number
  readonly keepaliveMs: number
  readonly keepaliveTimeoutMs: number
  readonly aliveMs: number
}

export type LinkSettings = {
  /** `host:port`; tried in turn. */
  readonly addresses: readonly string[]
  /** Asked before each connection, so that a renewed certificate is used from then on. */
  readonly credentials: () => Credentials
  readonly times?: Partial<LinkTimes>
  /** Uniform in [0, 1). */
  readonly chance?: () => number
}

/** What the owner of a link is told. */
export type Hearer = {
  readonly hello: () => Omit<Hello, 'now'>
  /** The stream is open; the calls below work now. */
  readonly welcome: (welcome: Welcome__Output) => void
  readonly heard: (message: FollowResponse__Output) => void
  /** The stream is gone; the link tries again by itself. */
  readonly away: (reason: string) => void
}

export type ReceivedCatalog = { readonly head: CatalogHead__Output; readonly bytes: Buffer }

/** The agent's connection to its master: lost and found again by itself. */
export interface Link {
  readonly connected: boolean
  /** How far a run has come: worth nothing later, so it is dropped while the master is away. */
  progress(message: FollowRequest): void
  /** Kept until it is sent. */
  send(message: FollowRequest): void
  /** `null`: the known one is still right. */
  catalog(known: string): Promise<ReceivedCatalog | null>
  blob(sha256: string, offset: number): AsyncIterable<Buffer>
  putFacts(facts: Buffer): Promise<void>
  putReport(head: ReportHead, body: Buffer): Promise<{ alreadyRecorded: boolean }>
  renew(generation: number): Promise<RenewResponse__Output>
  close(): Promise<void>
}

import type { Finished__Output } from '../../proto/gen/drover/v1/Finished.ts'
import type { FollowRequest__Output } from '../../proto/gen/drover/v1/FollowRequest.ts'
import type { FollowResponse } from '../../proto/gen/drover/v1/FollowResponse.ts'
import type { Progress__Output } from '../../proto/gen/drover/v1/Progress.ts'
import type { RunOrder } from '../../proto/gen/drover/v1/RunOrder.ts'

/** The agent's end of one stream. */
export type AgentStream = {
  readonly messages: AsyncIterable<FollowRequest__Output>
  send(message: FollowResponse): void
  /** Ends it, with a reason for the peer. */
  end(failure?: Error): void
}

/** Who is connected, what they were asked, and how far they have come. */
export interface Fleet {
  connected(hostId: string): boolean
  /** Serves a stream until it ends. A later one of the same host ends it. */
  follow(hostId: string, stream: AgentStream): Promise<void>
  /** The host's catalog or mode may have changed. */
  news(hostId: string): void
  cut(hostId: string, reason: Error): void
  /** One run on one host. Fails with `unavailable` when the host is not connected or goes away. */
  order(
    hostId: string,
    order: RunOrder & { readonly request_id: string },
    on: (progress: Progress__Output) => void,
    signal: AbortSignal,
  ): Promise<Finished__Output>
}

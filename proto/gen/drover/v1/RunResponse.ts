// Original file: proto/drover/v1/operator.proto

import type { RunStarted as _drover_v1_RunStarted, RunStarted__Output as _drover_v1_RunStarted__Output } from '../../drover/v1/RunStarted.ts';
import type { HostProgress as _drover_v1_HostProgress, HostProgress__Output as _drover_v1_HostProgress__Output } from '../../drover/v1/HostProgress.ts';
import type { HostResult as _drover_v1_HostResult, HostResult__Output as _drover_v1_HostResult__Output } from '../../drover/v1/HostResult.ts';
import type { RunEnded as _drover_v1_RunEnded, RunEnded__Output as _drover_v1_RunEnded__Output } from '../../drover/v1/RunEnded.ts';

export interface RunResponse {
  'started'?: (_drover_v1_RunStarted | null);
  'progress'?: (_drover_v1_HostProgress | null);
  'result'?: (_drover_v1_HostResult | null);
  'ended'?: (_drover_v1_RunEnded | null);
  'event'?: "started"|"progress"|"result"|"ended";
}

export interface RunResponse__Output {
  'started'?: (_drover_v1_RunStarted__Output | null);
  'progress'?: (_drover_v1_HostProgress__Output | null);
  'result'?: (_drover_v1_HostResult__Output | null);
  'ended'?: (_drover_v1_RunEnded__Output | null);
  'event'?: "started"|"progress"|"result"|"ended";
}

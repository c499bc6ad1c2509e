// Original file: proto/drover/v1/operator.proto

import type { HostProgress as _drover_v1_HostProgress, HostProgress__Output as _drover_v1_HostProgress__Output } from '../../drover/v1/HostProgress.ts';

export interface RehearseResponse {
  'progress'?: (_drover_v1_HostProgress | null);
  'data'?: (Buffer | Uint8Array | string);
  'event'?: "progress"|"data";
}

export interface RehearseResponse__Output {
  'progress'?: (_drover_v1_HostProgress__Output | null);
  'data'?: (Buffer);
  'event'?: "progress"|"data";
}

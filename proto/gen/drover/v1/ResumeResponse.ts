// Original file: proto/drover/v1/operator.proto

import type { PauseOfHost as _drover_v1_PauseOfHost, PauseOfHost__Output as _drover_v1_PauseOfHost__Output } from '../../drover/v1/PauseOfHost.ts';

export interface ResumeResponse {
  'resources'?: (string)[];
  'hosts'?: (_drover_v1_PauseOfHost)[];
}

export interface ResumeResponse__Output {
  'resources': (string)[];
  'hosts': (_drover_v1_PauseOfHost__Output)[];
}

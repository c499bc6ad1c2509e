// Original file: proto/drover/v1/operator.proto

import type { PauseOfHost as _drover_v1_PauseOfHost, PauseOfHost__Output as _drover_v1_PauseOfHost__Output } from '../../drover/v1/PauseOfHost.ts';
import type { Long } from '@grpc/proto-loader';

export interface PauseResponse {
  'until'?: (number | string | Long);
  'resources'?: (string)[];
  'hosts'?: (_drover_v1_PauseOfHost)[];
}

export interface PauseResponse__Output {
  'until': (number);
  'resources': (string)[];
  'hosts': (_drover_v1_PauseOfHost__Output)[];
}

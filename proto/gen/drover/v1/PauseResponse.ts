// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface PauseResponse {
  'until'?: (number | string | Long);
  'resources'?: (string)[];
}

export interface PauseResponse__Output {
  'until': (number);
  'resources': (string)[];
}

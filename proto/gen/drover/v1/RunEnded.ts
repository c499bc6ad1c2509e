// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface RunEnded {
  'fingerprint'?: (string);
  'paused'?: (string)[];
  'paused_until'?: (number | string | Long);
}

export interface RunEnded__Output {
  'fingerprint': (string);
  'paused': (string)[];
  'paused_until': (number);
}

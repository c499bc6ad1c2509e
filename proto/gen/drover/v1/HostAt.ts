// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface HostAt {
  'host'?: (string);
  'at'?: (number | string | Long);
}

export interface HostAt__Output {
  'host': (string);
  'at': (number);
}

// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface GetPastRequest {
  'host'?: (string);
  'at'?: (number | string | Long);
}

export interface GetPastRequest__Output {
  'host': (string);
  'at': (number);
}

// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface GetFactsRequest {
  'name'?: (string);
  'at'?: (number | string | Long);
}

export interface GetFactsRequest__Output {
  'name': (string);
  'at': (number);
}

// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface GetFactsResponse {
  'facts'?: (Buffer | Uint8Array | string);
  'since'?: (number | string | Long);
}

export interface GetFactsResponse__Output {
  'facts': (Buffer);
  'since': (number);
}

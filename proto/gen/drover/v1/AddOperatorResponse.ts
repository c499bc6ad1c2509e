// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface AddOperatorResponse {
  'expires_at'?: (number | string | Long);
  'root_pin'?: (string);
  'addresses'?: (string)[];
}

export interface AddOperatorResponse__Output {
  'expires_at': (number);
  'root_pin': (string);
  'addresses': (string)[];
}

// Original file: proto/drover/v1/types.proto

import type { Long } from '@grpc/proto-loader';

export interface Evidence {
  'at'?: (number | string | Long);
  'kind'?: (string);
  'text'?: (string);
}

export interface Evidence__Output {
  'at': (number);
  'kind': (string);
  'text': (string);
}

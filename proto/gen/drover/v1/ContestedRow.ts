// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface ContestedRow {
  'host'?: (string);
  'resource'?: (string);
  'since'?: (number | string | Long);
  'times'?: (number);
  'last_at'?: (number | string | Long);
  'next_at'?: (number | string | Long);
  'known'?: (string)[];
}

export interface ContestedRow__Output {
  'host': (string);
  'resource': (string);
  'since': (number);
  'times': (number);
  'last_at': (number);
  'next_at': (number);
  'known': (string)[];
}

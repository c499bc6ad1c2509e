// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface AuditRow {
  'at'?: (number | string | Long);
  'actor'?: (string);
  'method'?: (string);
  'subject'?: (string);
  'detail'?: (Buffer | Uint8Array | string);
  'result'?: (string);
}

export interface AuditRow__Output {
  'at': (number);
  'actor': (string);
  'method': (string);
  'subject': (string);
  'detail': (Buffer);
  'result': (string);
}

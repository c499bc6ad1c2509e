// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface OperatorRow {
  'name'?: (string);
  'role'?: (string);
  'added_at'?: (number | string | Long);
  'added_by'?: (string);
  'joined_at'?: (number | string | Long);
  'removed_at'?: (number | string | Long);
  'certificate_expires_at'?: (number | string | Long);
}

export interface OperatorRow__Output {
  'name': (string);
  'role': (string);
  'added_at': (number);
  'added_by': (string);
  'joined_at': (number);
  'removed_at': (number);
  'certificate_expires_at': (number);
}

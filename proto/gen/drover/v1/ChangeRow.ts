// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface ChangeRow {
  'host'?: (string);
  'at'?: (number | string | Long);
  'run_id'?: (string);
  'resource'?: (string);
  'status'?: (string);
  'changes'?: (Buffer | Uint8Array | string);
  'diff'?: (string);
  'origin'?: (string);
  'commit'?: (string);
  'requested_by'?: (string);
  'reason'?: (string);
}

export interface ChangeRow__Output {
  'host': (string);
  'at': (number);
  'run_id': (string);
  'resource': (string);
  'status': (string);
  'changes': (Buffer);
  'diff': (string);
  'origin': (string);
  'commit': (string);
  'requested_by': (string);
  'reason': (string);
}

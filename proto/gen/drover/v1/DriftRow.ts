// Original file: proto/drover/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

export interface DriftRow {
  'host'?: (string);
  'resource'?: (string);
  'since'?: (number | string | Long);
  'last_seen_at'?: (number | string | Long);
  'changes'?: (Buffer | Uint8Array | string);
  'diff'?: (string);
  'origin'?: (string);
  'run_id'?: (string);
  'settled_at'?: (number | string | Long);
}

export interface DriftRow__Output {
  'host': (string);
  'resource': (string);
  'since': (number);
  'last_seen_at': (number);
  'changes': (Buffer);
  'diff': (string);
  'origin': (string);
  'run_id': (string);
  'settled_at': (number);
}

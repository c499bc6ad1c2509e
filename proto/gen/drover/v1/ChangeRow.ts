// Original file: proto/drover/v1/operator.proto

import type { Evidence as _drover_v1_Evidence, Evidence__Output as _drover_v1_Evidence__Output } from '../../drover/v1/Evidence.ts';
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
  'evidence'?: (_drover_v1_Evidence)[];
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
  'evidence': (_drover_v1_Evidence__Output)[];
}

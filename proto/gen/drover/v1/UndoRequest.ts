// Original file: proto/drover/v1/operator.proto

import type { RunKind as _drover_v1_RunKind, RunKind__Output as _drover_v1_RunKind__Output } from '../../drover/v1/RunKind.ts';

export interface UndoRequest {
  'host'?: (string);
  'run_id'?: (string);
  'kind'?: (_drover_v1_RunKind);
  'plan'?: (string);
  'pause_seconds'?: (number);
  'pause_reason'?: (string);
}

export interface UndoRequest__Output {
  'host': (string);
  'run_id': (string);
  'kind': (_drover_v1_RunKind__Output);
  'plan': (string);
  'pause_seconds': (number);
  'pause_reason': (string);
}

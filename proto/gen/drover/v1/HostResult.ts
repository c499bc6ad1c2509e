// Original file: proto/drover/v1/operator.proto

import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';
import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from '../../drover/v1/Problem.ts';

export interface HostResult {
  'host'?: (string);
  'run'?: (_drover_v1_RunRow | null);
  'body'?: (Buffer | Uint8Array | string);
  'problem'?: (_drover_v1_Problem | null);
  'origins'?: (Buffer | Uint8Array | string);
}

export interface HostResult__Output {
  'host': (string);
  'run': (_drover_v1_RunRow__Output | null);
  'body': (Buffer);
  'problem': (_drover_v1_Problem__Output | null);
  'origins': (Buffer);
}

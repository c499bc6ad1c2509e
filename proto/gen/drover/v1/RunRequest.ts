// Original file: proto/drover/v1/operator.proto

import type { Selection as _drover_v1_Selection, Selection__Output as _drover_v1_Selection__Output } from '../../drover/v1/Selection.ts';
import type { RunKind as _drover_v1_RunKind, RunKind__Output as _drover_v1_RunKind__Output } from '../../drover/v1/RunKind.ts';

export interface RunRequest {
  'selection'?: (_drover_v1_Selection | null);
  'kind'?: (_drover_v1_RunKind);
  'plan'?: (string);
}

export interface RunRequest__Output {
  'selection': (_drover_v1_Selection__Output | null);
  'kind': (_drover_v1_RunKind__Output);
  'plan': (string);
}

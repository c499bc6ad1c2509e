// Original file: proto/drover/v1/operator.proto

import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';

export interface ComparedRuns {
  'from'?: (_drover_v1_RunRow | null);
  'to'?: (_drover_v1_RunRow | null);
}

export interface ComparedRuns__Output {
  'from': (_drover_v1_RunRow__Output | null);
  'to': (_drover_v1_RunRow__Output | null);
}

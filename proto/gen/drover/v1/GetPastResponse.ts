// Original file: proto/drover/v1/operator.proto

import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';
import type { DriftRow as _drover_v1_DriftRow, DriftRow__Output as _drover_v1_DriftRow__Output } from '../../drover/v1/DriftRow.ts';

export interface GetPastResponse {
  'run'?: (_drover_v1_RunRow | null);
  'drift'?: (_drover_v1_DriftRow)[];
}

export interface GetPastResponse__Output {
  'run': (_drover_v1_RunRow__Output | null);
  'drift': (_drover_v1_DriftRow__Output)[];
}

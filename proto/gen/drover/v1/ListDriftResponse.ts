// Original file: proto/drover/v1/operator.proto

import type { DriftRow as _drover_v1_DriftRow, DriftRow__Output as _drover_v1_DriftRow__Output } from '../../drover/v1/DriftRow.ts';
import type { ContestedRow as _drover_v1_ContestedRow, ContestedRow__Output as _drover_v1_ContestedRow__Output } from '../../drover/v1/ContestedRow.ts';

export interface ListDriftResponse {
  'drift'?: (_drover_v1_DriftRow)[];
  'next_page_token'?: (string);
  'contested'?: (_drover_v1_ContestedRow)[];
}

export interface ListDriftResponse__Output {
  'drift': (_drover_v1_DriftRow__Output)[];
  'next_page_token': (string);
  'contested': (_drover_v1_ContestedRow__Output)[];
}

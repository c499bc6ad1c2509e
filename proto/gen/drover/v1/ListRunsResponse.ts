// Original file: proto/drover/v1/operator.proto

import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';

export interface ListRunsResponse {
  'runs'?: (_drover_v1_RunRow)[];
  'next_page_token'?: (string);
}

export interface ListRunsResponse__Output {
  'runs': (_drover_v1_RunRow__Output)[];
  'next_page_token': (string);
}

// Original file: proto/drover/v1/operator.proto

import type { ChangeRow as _drover_v1_ChangeRow, ChangeRow__Output as _drover_v1_ChangeRow__Output } from '../../drover/v1/ChangeRow.ts';

export interface ListChangesResponse {
  'changes'?: (_drover_v1_ChangeRow)[];
  'next_page_token'?: (string);
}

export interface ListChangesResponse__Output {
  'changes': (_drover_v1_ChangeRow__Output)[];
  'next_page_token': (string);
}

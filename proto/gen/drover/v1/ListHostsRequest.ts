// Original file: proto/drover/v1/operator.proto

import type { Selection as _drover_v1_Selection, Selection__Output as _drover_v1_Selection__Output } from '../../drover/v1/Selection.ts';

export interface ListHostsRequest {
  'selection'?: (_drover_v1_Selection | null);
}

export interface ListHostsRequest__Output {
  'selection': (_drover_v1_Selection__Output | null);
}

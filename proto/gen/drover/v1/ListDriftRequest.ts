// Original file: proto/drover/v1/operator.proto

import type { Selection as _drover_v1_Selection, Selection__Output as _drover_v1_Selection__Output } from '../../drover/v1/Selection.ts';
import type { Long } from '@grpc/proto-loader';

export interface ListDriftRequest {
  'selection'?: (_drover_v1_Selection | null);
  'page_size'?: (number);
  'page_token'?: (string);
  'since'?: (number | string | Long);
}

export interface ListDriftRequest__Output {
  'selection': (_drover_v1_Selection__Output | null);
  'page_size': (number);
  'page_token': (string);
  'since': (number);
}

// Original file: proto/drover/v1/operator.proto

import type { BlamedSource as _drover_v1_BlamedSource, BlamedSource__Output as _drover_v1_BlamedSource__Output } from '../../drover/v1/BlamedSource.ts';
import type { ChangeRow as _drover_v1_ChangeRow, ChangeRow__Output as _drover_v1_ChangeRow__Output } from '../../drover/v1/ChangeRow.ts';

export interface BlamedResource {
  'id'?: (string);
  'sources'?: (_drover_v1_BlamedSource)[];
  'last_change'?: (_drover_v1_ChangeRow | null);
}

export interface BlamedResource__Output {
  'id': (string);
  'sources': (_drover_v1_BlamedSource__Output)[];
  'last_change': (_drover_v1_ChangeRow__Output | null);
}

// Original file: proto/drover/v1/operator.proto

import type { OperatorRow as _drover_v1_OperatorRow, OperatorRow__Output as _drover_v1_OperatorRow__Output } from '../../drover/v1/OperatorRow.ts';

export interface ListOperatorsResponse {
  'operators'?: (_drover_v1_OperatorRow)[];
}

export interface ListOperatorsResponse__Output {
  'operators': (_drover_v1_OperatorRow__Output)[];
}

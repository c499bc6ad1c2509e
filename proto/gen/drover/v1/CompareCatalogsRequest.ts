// Original file: proto/drover/v1/operator.proto

import type { HostAt as _drover_v1_HostAt, HostAt__Output as _drover_v1_HostAt__Output } from '../../drover/v1/HostAt.ts';

export interface CompareCatalogsRequest {
  'from'?: (_drover_v1_HostAt | null);
  'to'?: (_drover_v1_HostAt | null);
}

export interface CompareCatalogsRequest__Output {
  'from': (_drover_v1_HostAt__Output | null);
  'to': (_drover_v1_HostAt__Output | null);
}

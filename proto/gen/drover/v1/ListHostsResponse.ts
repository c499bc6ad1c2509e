// Original file: proto/drover/v1/operator.proto

import type { HostRow as _drover_v1_HostRow, HostRow__Output as _drover_v1_HostRow__Output } from '../../drover/v1/HostRow.ts';

export interface ListHostsResponse {
  'hosts'?: (_drover_v1_HostRow)[];
}

export interface ListHostsResponse__Output {
  'hosts': (_drover_v1_HostRow__Output)[];
}

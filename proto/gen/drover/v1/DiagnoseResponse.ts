// Original file: proto/drover/v1/operator.proto

import type { Finding as _drover_v1_Finding, Finding__Output as _drover_v1_Finding__Output } from '../../drover/v1/Finding.ts';
import type { RepairTimes as _drover_v1_RepairTimes, RepairTimes__Output as _drover_v1_RepairTimes__Output } from '../../drover/v1/RepairTimes.ts';

export interface DiagnoseResponse {
  'version'?: (string);
  'findings'?: (_drover_v1_Finding)[];
  'repairs'?: (_drover_v1_RepairTimes)[];
}

export interface DiagnoseResponse__Output {
  'version': (string);
  'findings': (_drover_v1_Finding__Output)[];
  'repairs': (_drover_v1_RepairTimes__Output)[];
}

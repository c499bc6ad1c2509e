// Original file: proto/drover/v1/operator.proto

import type { Finding as _drover_v1_Finding, Finding__Output as _drover_v1_Finding__Output } from '../../drover/v1/Finding.ts';

export interface DiagnoseResponse {
  'version'?: (string);
  'findings'?: (_drover_v1_Finding)[];
}

export interface DiagnoseResponse__Output {
  'version': (string);
  'findings': (_drover_v1_Finding__Output)[];
}

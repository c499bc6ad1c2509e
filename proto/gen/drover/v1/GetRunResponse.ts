// Original file: proto/drover/v1/operator.proto

import type { RunRow as _drover_v1_RunRow, RunRow__Output as _drover_v1_RunRow__Output } from '../../drover/v1/RunRow.ts';

export interface GetRunResponse {
  'run'?: (_drover_v1_RunRow | null);
  'body'?: (Buffer | Uint8Array | string);
  'origins'?: (Buffer | Uint8Array | string);
}

export interface GetRunResponse__Output {
  'run': (_drover_v1_RunRow__Output | null);
  'body': (Buffer);
  'origins': (Buffer);
}

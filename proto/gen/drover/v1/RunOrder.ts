// Original file: proto/drover/v1/agent.proto

import type { RunKind as _drover_v1_RunKind, RunKind__Output as _drover_v1_RunKind__Output } from '../../drover/v1/RunKind.ts';

export interface RunOrder {
  'request_id'?: (string);
  'kind'?: (_drover_v1_RunKind);
  'fingerprint'?: (string);
  'catalog_sha256'?: (string);
  'undo_run_id'?: (string);
}

export interface RunOrder__Output {
  'request_id': (string);
  'kind': (_drover_v1_RunKind__Output);
  'fingerprint': (string);
  'catalog_sha256': (string);
  'undo_run_id': (string);
}

// Original file: proto/drover/v1/types.proto

import type { RunKind as _drover_v1_RunKind, RunKind__Output as _drover_v1_RunKind__Output } from '../../drover/v1/RunKind.ts';
import type { RunTrigger as _drover_v1_RunTrigger, RunTrigger__Output as _drover_v1_RunTrigger__Output } from '../../drover/v1/RunTrigger.ts';
import type { Counts as _drover_v1_Counts, Counts__Output as _drover_v1_Counts__Output } from '../../drover/v1/Counts.ts';
import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from '../../drover/v1/Problem.ts';
import type { Evidence as _drover_v1_Evidence, Evidence__Output as _drover_v1_Evidence__Output } from '../../drover/v1/Evidence.ts';
import type { Long } from '@grpc/proto-loader';

export interface ReportHead {
  'run_id'?: (string);
  'kind'?: (_drover_v1_RunKind);
  'trigger'?: (_drover_v1_RunTrigger);
  'request_id'?: (string);
  'catalog_sha256'?: (string);
  'started_at'?: (number | string | Long);
  'duration_ms'?: (number);
  'counts'?: (_drover_v1_Counts | null);
  'fingerprint'?: (string);
  'body_sha256'?: (string);
  'body_bytes'?: (number);
  'problem'?: (_drover_v1_Problem | null);
  'unchanged_runs'?: (number);
  'dropped_reports'?: (number);
  'evidence'?: (_drover_v1_Evidence)[];
}

export interface ReportHead__Output {
  'run_id': (string);
  'kind': (_drover_v1_RunKind__Output);
  'trigger': (_drover_v1_RunTrigger__Output);
  'request_id': (string);
  'catalog_sha256': (string);
  'started_at': (number);
  'duration_ms': (number);
  'counts': (_drover_v1_Counts__Output | null);
  'fingerprint': (string);
  'body_sha256': (string);
  'body_bytes': (number);
  'problem': (_drover_v1_Problem__Output | null);
  'unchanged_runs': (number);
  'dropped_reports': (number);
  'evidence': (_drover_v1_Evidence__Output)[];
}

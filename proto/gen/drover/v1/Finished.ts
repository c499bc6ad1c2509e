// Original file: proto/drover/v1/agent.proto

import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from '../../drover/v1/Problem.ts';

export interface Finished {
  'request_id'?: (string);
  'run_id'?: (string);
  'problem'?: (_drover_v1_Problem | null);
}

export interface Finished__Output {
  'request_id': (string);
  'run_id': (string);
  'problem': (_drover_v1_Problem__Output | null);
}

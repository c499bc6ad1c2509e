// Original file: proto/drover/v1/agent.proto

import type { Problem as _drover_v1_Problem, Problem__Output as _drover_v1_Problem__Output } from '../../drover/v1/Problem.ts';

export interface Answer {
  'request_id'?: (string);
  'data'?: (Buffer | Uint8Array | string);
  'problem'?: (_drover_v1_Problem | null);
}

export interface Answer__Output {
  'request_id': (string);
  'data': (Buffer);
  'problem': (_drover_v1_Problem__Output | null);
}

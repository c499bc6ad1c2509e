// Original file: proto/drover/v1/operator.proto

import type { Evidence as _drover_v1_Evidence, Evidence__Output as _drover_v1_Evidence__Output } from '../../drover/v1/Evidence.ts';
import type { ResourcePause as _drover_v1_ResourcePause, ResourcePause__Output as _drover_v1_ResourcePause__Output } from '../../drover/v1/ResourcePause.ts';
import type { Long } from '@grpc/proto-loader';

export interface DriftRow {
  'host'?: (string);
  'resource'?: (string);
  'since'?: (number | string | Long);
  'last_seen_at'?: (number | string | Long);
  'changes'?: (Buffer | Uint8Array | string);
  'diff'?: (string);
  'origin'?: (string);
  'run_id'?: (string);
  'settled_at'?: (number | string | Long);
  'evidence'?: (_drover_v1_Evidence)[];
  'pause'?: (_drover_v1_ResourcePause | null);
}

export interface DriftRow__Output {
  'host': (string);
  'resource': (string);
  'since': (number);
  'last_seen_at': (number);
  'changes': (Buffer);
  'diff': (string);
  'origin': (string);
  'run_id': (string);
  'settled_at': (number);
  'evidence': (_drover_v1_Evidence__Output)[];
  'pause': (_drover_v1_ResourcePause__Output | null);
}

// Original file: proto/drover/v1/types.proto

import type { PauseEnd as _drover_v1_PauseEnd, PauseEnd__Output as _drover_v1_PauseEnd__Output } from '../../drover/v1/PauseEnd.ts';
import type { Long } from '@grpc/proto-loader';

export interface ResourcePause {
  'resource'?: (string);
  'until'?: (number | string | Long);
  'reason'?: (string);
  'by'?: (string);
  'at_end'?: (_drover_v1_PauseEnd);
  'since'?: (number | string | Long);
}

export interface ResourcePause__Output {
  'resource': (string);
  'until': (number);
  'reason': (string);
  'by': (string);
  'at_end': (_drover_v1_PauseEnd__Output);
  'since': (number);
}
